import type { Engine } from '../../src/engine/engine.ts';
import type { Bundle } from '../../src/model/bundle.ts';
import type { Ffmpeg } from '../../src/video/ffmpeg/ffmpeg.ts';

/** What the reproduction is made on. */
export interface Setting {
  /** Holds `train` and `test`, each with a folder for each class. */
  readonly data: string;
  readonly work: string;
  readonly bundle: Bundle;
  readonly engine: Engine;
  readonly ffmpeg: Ffmpeg;
  readonly quick: boolean;
  /** Frames that front ends are fitted and chosen on. */
  readonly fitFrames: number;
  readonly testFrames: number;
  /** Training photographs of each class for the head. */
  readonly photographsPerClass: number;
  readonly epochs: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

/** The paper's learning rates. */
export const rates = [1e-2, 1e-3, 1e-4, 1e-5];

export const batch = 32;
