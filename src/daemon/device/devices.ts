/** What runs on the device, shared by the streams: a classifier per bundle, a front end per geometry. */
import { from, map } from 'rxjs';
import type { Config } from '../../config/schema.ts';
import type { Happenings } from '../../domain/happenings.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Bundle } from '../../model/bundle.ts';
import { ClassifierSession } from '../../model/classifier-session.ts';
import { FrontEndSession } from '../../model/front-end-session.ts';
import { geometryKey } from '../../model/geometry.ts';
import { Batcher } from '../../pipeline/batcher.ts';
import type { StreamPlan } from '../stream/stream-plan.ts';

export interface DevicesOptions {
  /** Asked whenever it is needed: a reload may change how long a frame waits. */
  readonly batch: () => Config['batch'];
  readonly happenings: Happenings;
}

export interface Classifier {
  readonly bundle: Bundle;
  readonly session: ClassifierSession;
  readonly batcher: Batcher<Float32Array, Float32Array>;
}

export class Devices implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #options: DevicesOptions;
  readonly #classifiers = new Map<Bundle, Promise<Classifier>>();
  readonly #frontEnds = new Map<string, FrontEndSession>();

  constructor(engine: Engine, options: DevicesOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Loaded at the first call, then shared. */
  classifier(bundle: Bundle): Promise<Classifier> {
    let classifier = this.#classifiers.get(bundle);
    if (!classifier) this.#classifiers.set(bundle, (classifier = this.#load(bundle)));
    return classifier;
  }

  /** Those that are loaded or being loaded. */
  classifiers(): Promise<readonly Classifier[]> {
    return Promise.all(this.#classifiers.values());
  }

  frontEnd({ choice: { geometry } }: StreamPlan): FrontEndSession {
    const key = geometryKey(geometry);
    let session = this.#frontEnds.get(key);
    if (!session) this.#frontEnds.set(key, (session = new FrontEndSession(this.#engine, geometry)));
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#frontEnds.values()) await session[Symbol.asyncDispose]();
    for (const { session } of await this.classifiers()) await session[Symbol.asyncDispose]();
  }

  async #load(bundle: Bundle): Promise<Classifier> {
    const { card, modelPath } = bundle;
    const { batch, happenings } = this.#options;
    const { name: inputName, width, height } = card.input;
    const model = { modelPath, inputName, outputName: card.output.name, input: { width, height } };
    const session = await ClassifierSession.load(this.#engine, model);
    const batcher = new Batcher<Float32Array, Float32Array>({
      size: batch().size,
      get maxWaitMs() {
        return 1000 * batch().max_wait_seconds;
      },
      inFlight: batch().in_flight,
      onBatch: (frames) => happenings.tell({ type: 'batch_run', frames }),
      // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
      project: (images) =>
        from(session.classify(images)).pipe(
          map(({ logits, milliseconds }) => {
            happenings.tell({ type: 'stage_run', stage: 'backbone', seconds: milliseconds / 1000 });
            return logits;
          }),
        ),
    });
    return { bundle, session, batcher };
  }
}
