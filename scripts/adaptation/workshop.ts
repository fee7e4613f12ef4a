/** What all rows share: bundle, engine, photographs, and the rows that are done already. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../../src/domain/atomic-write.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { onnxruntimeEngine } from '../../src/engine/onnxruntime/engine.ts';
import { corruptFrames } from '../../src/learning/corruption/corrupt-frames.ts';
import type { Corruption } from '../../src/learning/corruption/corruptions.ts';
import { cameraOf, type Camera } from '../../src/learning/data/camera.ts';
import type { FrameSet } from '../../src/learning/data/frame-set.ts';
import { inTurn, loadFrames, type Change } from '../../src/learning/data/load-frames.ts';
import type { Sessions } from '../../src/learning/evaluation/classify-frames.ts';
import { openSessions } from '../../src/learning/evaluation/sessions.ts';
import type { FeatureStatistics } from '../../src/learning/statistics/feature-statistics.ts';
import { undamagedPictures } from '../../src/learning/simulation/undamaged-pictures.ts';
import { runsAtOnce } from '../../src/learning/fit/usual-settings.ts';
import type { Size } from '../../src/domain/frame.ts';
import { seededRandom } from '../../src/learning/random.ts';
import { loadBundle, type Bundle } from '../../src/model/bundle.ts';
import { geometryKey, type Geometry } from '../../src/model/geometry.ts';
import { parseResolution } from '../../src/model/resolution.ts';
import { findFfmpeg, type Ffmpeg } from '../../src/video/ffmpeg/ffmpeg.ts';

export interface Sizes {
  /** Photographs that judge. */
  readonly test: number;
  /** Photographs to fit on without labels, and with. */
  readonly unlabelled: number;
  readonly labelled: number;
  /** Photographs without damage, for the way that is given some. */
  readonly undamaged: number;
  readonly budgetSeconds: number;
  readonly seeds: readonly number[];
}

export interface WorkshopOptions {
  readonly photographs: string;
  readonly cache: string;
  readonly sizes: Sizes;
  readonly only: RegExp;
}

/** The test photographs are always the same ones, with the same noise. */
export const testSeed = 1000;

export class Workshop implements AsyncDisposable {
  readonly bundle: Bundle;
  readonly engine: Engine;
  readonly ffmpeg: Ffmpeg;
  readonly options: WorkshopOptions;
  readonly #sessions = new Map<string, Promise<Sessions & AsyncDisposable>>();

  private constructor(bundle: Bundle, engine: Engine, ffmpeg: Ffmpeg, options: WorkshopOptions) {
    this.bundle = bundle;
    this.engine = engine;
    this.ffmpeg = ffmpeg;
    this.options = options;
  }

  static async open(options: WorkshopOptions): Promise<Workshop> {
    const engine = await onnxruntimeEngine({ device: 'cpu', workers: runsAtOnce });
    return new Workshop(await loadBundle('inception-v3-cats-dogs'), engine, await findFfmpeg(), options);
  }

  get sizes(): Sizes {
    return this.options.sizes;
  }

  /** A camera of this resolution that looks at the photographs of a split, or at one file. */
  async camera(material: string, resolution: string): Promise<Camera> {
    return cameraOf([join(this.options.photographs, material)], {
      ...{ card: this.bundle.card, device: 'cpu', geometry: 'auto', ffmpeg: this.ffmpeg },
      resolution: parseResolution(resolution),
      view: 'centre',
    });
  }

  /** What the camera sees, degraded where that is asked for. */
  frames(
    camera: Camera,
    {
      limit,
      seed,
      corruption,
      change,
    }: { limit: number; seed: number; corruption?: Corruption | undefined; change?: Change },
  ): Promise<FrameSet> {
    const { ffmpeg } = this;
    const changes = [
      ...(change ? [change] : []),
      ...(corruption ? [corruptFrames(corruption, { native: camera.native, seed, ffmpeg })] : []),
    ];
    return loadFrames(camera, {
      ...{ ffmpeg, limit, random: seededRandom(seed).uniform },
      change: inTurn(changes),
    });
  }

  /** The pictures that ship, in a target's colours; what is staged to this grid is undamaged at any size. */
  async undamaged(grid: Size, { pixels }: FeatureStatistics): Promise<FrameSet | undefined> {
    const camera = { card: this.bundle.card, device: 'cpu', geometry: 'auto', resolution: grid } as const;
    const options = { limit: this.sizes.undamaged, random: seededRandom(1).uniform };
    return pixels && undamagedPictures({ ...camera, ffmpeg: this.ffmpeg }, pixels, { ...options, ffmpeg: this.ffmpeg });
  }

  sessions(geometry: Geometry): Promise<Sessions> {
    const key = geometryKey(geometry);
    let sessions = this.#sessions.get(key);
    if (!sessions) this.#sessions.set(key, (sessions = openSessions(this.engine, this.bundle, geometry)));
    return sessions;
  }

  /** The row from the cache; else made now, if it is among the wanted ones. */
  async row<T>(name: string, make: () => Promise<T>): Promise<T | undefined> {
    const path = this.path(`${name}.json`);
    const done = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
    if (done !== undefined || !this.options.only.test(name)) return done;
    const startedAt = performance.now();
    const made = await make();
    mkdirSync(dirname(path), { recursive: true });
    await writeFileAtomic(path, JSON.stringify(made));
    console.log(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    return made;
  }

  /** Rows of other sizes are other rows. */
  path(name: string): string {
    const { test, unlabelled, labelled, budgetSeconds } = this.sizes;
    return join(this.options.cache, [test, unlabelled, labelled, budgetSeconds].join('-'), name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const sessions of this.#sessions.values()) await (await sessions)[Symbol.asyncDispose]();
    await this.engine[Symbol.asyncDispose]();
  }
}

export function withoutLabels(camera: Camera): Camera {
  return { ...camera, materials: camera.materials.map((material) => ({ ...material, classes: undefined })) };
}
