/** Single frames of running streams through front ends beside their own: nothing is kept of a frame but numbers. */
import type { Clock } from '../../domain/clock.ts';
import { DisposeStack } from '../../domain/dispose-stack.ts';
import type { Engine } from '../../engine/engine.ts';
import { adapterDigest } from '../../model/card.ts';
import { floatBundle } from '../../model/float-bundle.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import type { Bundle } from '../../model/bundle.ts';
import { geometryKey, type Geometry } from '../../model/geometry.ts';
import { cutTile, type Tiles } from '../../model/tiles.ts';
import { baselineOf, baselinePath, readBaseline, writeBaseline } from '../baseline/baseline.ts';
import { evidenceOf, type Evidence } from '../gate/evidence.ts';
import { agreement, judgeRunning } from '../gate/harm.ts';
import { sceneProblem } from '../gate/scene.ts';
import type { FeatureStatistics } from '../statistics/feature-statistics.ts';
import { Observer, type Observation } from '../statistics/observe.ts';
import { pooled } from '../statistics/pool.ts';

export interface TrialSubject {
  readonly stream: string;
  readonly bundle: Bundle;
  readonly geometry: Geometry;
  /** How a frame is cut; each part counts as a frame. */
  readonly tiles?: Tiles | undefined;
}

/** Kept for the life of a service; a session for each bundle and geometry that streams are looked at with. */
export class StreamTrials implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #stateDirectory: string;
  readonly #clock: Pick<Clock, 'date'>;
  readonly #observers = new Map<string, Promise<Observer>>();
  /** The observer that each stream was looked at with last. */
  readonly #keys = new Map<string, string>();

  constructor(engine: Engine, stateDirectory: string, clock: Pick<Clock, 'date'>) {
    this.#engine = engine;
    this.#stateDirectory = stateDirectory;
    this.#clock = clock;
  }

  /** Two front ends on the same frames; the target is the stream's baseline, else the card. */
  async compare(subject: TrialSubject, previous: AdapterWeights, candidate: AdapterWeights) {
    const { card } = subject.bundle;
    const observer = await this.#observer(subject);
    const target = (await readBaseline(this.#baselinePath(subject)))?.statistics ?? card.statistics;
    const [before, after] = [new Looks(observer, subject, previous), new Looks(observer, subject, candidate)];
    return {
      look: async (pixels: Uint8Array) => {
        await before.look(pixels);
        await after.look(pixels);
      },
      verdict: () => {
        const input = { previous: before.evidence(target), candidate: after.evidence(target) };
        const { adopted, reason } = judgeRunning(input);
        return { adopted, reason, agreement: agreement(input) };
      },
    };
  }

  /** How the stream looks in its good time, for fits to come; undefined where that is recorded already. */
  async baseline(subject: TrialSubject, running: AdapterWeights) {
    const path = this.#baselinePath(subject);
    if ((await readBaseline(path)) !== undefined) return undefined;
    const { bundle, geometry } = subject;
    const looks = new Looks(await this.#observer(subject), subject, running);
    return {
      look: (pixels: Uint8Array) => looks.look(pixels),
      /** Writes it, or says why these frames are of no good time. */
      save: async (): Promise<string | undefined> => {
        const observation = looks.pooled();
        const problem = sceneProblem(observation, { totalFrames: observation.frames, target: 'baseline' });
        if (problem !== undefined) return problem;
        const target = { bundleDigest: adapterDigest(bundle.card), geometry };
        const { statistics } = observation;
        const evidence = looks.evidence(bundle.card.statistics);
        await writeBaseline(path, baselineOf(target, statistics, evidence, this.#clock.date()));
        return undefined;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using observers = new DisposeStack();
    // Who asked for one that could not be loaded has been told.
    for (const loading of this.#observers.values()) observers.use(await loading.catch(() => undefined));
  }

  #baselinePath({ stream, bundle, geometry }: TrialSubject): string {
    return baselinePath(this.#stateDirectory, stream, { bundleDigest: adapterDigest(bundle.card), geometry });
  }

  async #observer({ stream, bundle, geometry }: TrialSubject): Promise<Observer> {
    const key = `${adapterDigest(bundle.card)} ${geometryKey(geometry)}`;
    this.#keys.set(stream, key);
    await this.#releaseUnused();
    let observer = this.#observers.get(key);
    if (!observer) {
      // What lies between layers is there in float alone. One frame at a time: the streams' own wait behind it.
      observer = floatBundle(bundle).then(({ card, modelPath }) =>
        Observer.loadBeside(this.#engine, modelPath, { card, geometry, batch: 1, logits: true }),
      );
      this.#observers.set(key, observer);
      observer.catch(() => this.#observers.delete(key));
    }
    return observer;
  }

  /** Those of bundles that were replaced, and of geometries that streams have left. */
  async #releaseUnused(): Promise<void> {
    const used = new Set(this.#keys.values());
    await using unused = new DisposeStack();
    for (const [key, loading] of this.#observers) {
      if (used.has(key)) continue;
      this.#observers.delete(key);
      unused.use(await loading.catch(() => undefined));
    }
  }
}

/** What one front end made of the frames so far. */
class Looks {
  readonly #observer: Observer;
  readonly #subject: TrialSubject;
  readonly #adapter: AdapterWeights;
  readonly #seen: Observation[] = [];

  constructor(observer: Observer, subject: TrialSubject, adapter: AdapterWeights) {
    this.#observer = observer;
    this.#subject = subject;
    this.#adapter = adapter;
  }

  /** `pixels`: planar gbrp uint8 of the grid, or of the tiles' sheet, [3, height, width]; they are copied. */
  async look(pixels: Uint8Array): Promise<void> {
    const { geometry, tiles } = this.#subject;
    const { grid } = geometry;
    const read = (index: number, into = new Uint8Array(3 * grid.width * grid.height)) => {
      if (tiles) cutTile(pixels, tiles, index, grid, into);
      else into.set(pixels);
      return Promise.resolve(into);
    };
    const indices = Array.from({ length: tiles?.corners.length ?? 1 }, (_, i) => i);
    this.#seen.push(await this.#observer.observe({ grid, read }, indices, this.#adapter));
  }

  pooled(): Observation {
    return pooled(this.#seen);
  }

  evidence(target: FeatureStatistics): Evidence {
    return evidenceOf(this.pooled(), target, this.#subject.bundle.card.output);
  }
}
