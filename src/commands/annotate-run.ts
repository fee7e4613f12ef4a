/** Gathers what a run says of a video, to be drawn into it. */
import type { Smoothed } from '../pipeline/smooth.ts';
import { annotate, type Cue } from '../video/annotate/annotate.ts';
import type { Ffmpeg } from '../video/ffmpeg/ffmpeg.ts';
import type { SourceSpec } from '../video/source/source-spec.ts';
import { indexOfLargest } from './stream-states.ts';

export interface Annotation {
  prediction(prediction: Smoothed, labels: readonly string[]): void;
  /** Draws label and probability into the input. Rejects with a `UserError` where it cannot. */
  write(target: { input: SourceSpec; output: string; ffmpeg: Ffmpeg; signal: AbortSignal }): Promise<void>;
}

/** How long the last text stays, seconds. */
const lastSeconds = 1;

export function annotateRun(): Annotation {
  const texts: { atSeconds: number; text: string }[] = [];
  return {
    prediction({ presentationSeconds, probabilities }, labels) {
      const best = indexOfLargest(probabilities);
      const text = `${labels[best] ?? ''} ${(100 * (probabilities[best] ?? 0)).toFixed(0)} %`;
      // One cue for as long as the text stays the same.
      if (texts.at(-1)?.text !== text) texts.push({ atSeconds: presentationSeconds, text });
    },
    write: (target) => annotate({ ...target, cues: cuesOf(texts) }),
  };
}

function cuesOf(texts: readonly { atSeconds: number; text: string }[]): Cue[] {
  return texts.map(({ atSeconds, text }, i) => ({
    fromSeconds: atSeconds,
    toSeconds: texts[i + 1]?.atSeconds ?? atSeconds + lastSeconds,
    text,
  }));
}
