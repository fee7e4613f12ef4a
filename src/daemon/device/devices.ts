/** What runs on the device, shared by the streams: a classifier per bundle, a front end's session per geometry and adapter. */
import { DisposeStack } from '../../domain/dispose-stack.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Bundle } from '../../model/bundle.ts';
import { adapterDigest, type AdapterWeights } from '../../model/adapter.ts';
import { FrontEnd } from '../../model/front-end/front-end.ts';
import { FrontEndSession } from '../../model/front-end/session.ts';
import { geometryKey } from '../../model/geometry.ts';
import { tilesKey } from '../../model/tiles.ts';
import type { StreamPlan } from '../stream/stream-plan.ts';
import { bundleKey, loadClassifier, type Classifier, type ClassifierOptions } from './classifier.ts';
import { Leases, type Lease } from './leases.ts';

export type { Classifier } from './classifier.ts';

/** Classifiers beside those in use. Disposing releases what was not committed. */
export interface Candidate extends AsyncDisposable {
  readonly classifiers: readonly Classifier[];
  /** From now on these are kept, and those before as long as streams have them. */
  commit(): void;
}

/** What a stream works with until it gives it back. */
export interface StreamLease extends AsyncDisposable {
  readonly classifier: Classifier;
  readonly frontEnd: FrontEnd;
  [Symbol.asyncDispose](): Promise<void>;
}

export class Devices implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #options: ClassifierOptions;
  readonly #classifiers = new Leases<Classifier>();
  readonly #sessions = new Leases<FrontEndSession>();
  /** Kept also while no stream is connected. */
  #committed: readonly Lease<Classifier>[] = [];
  /** For each stream's next connection: sessions are not made and released over and over. Until the next commit. */
  readonly #spare = new Map<string, Lease<FrontEndSession>>();
  readonly #ofStreams = new Set<Lease<Classifier>>();
  readonly #releasing = new Set<Promise<void>>();

  constructor(engine: Engine, options: ClassifierOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Loads what is not in use already. Throws a ConfigurationError where one cannot be; then nothing is kept of it. */
  async candidate(bundles: Iterable<Bundle>): Promise<Candidate> {
    await using loading = new DisposeStack();
    const leases: Lease<Classifier>[] = [];
    for (const bundle of bundles) leases.push(loading.use(await this.#take(bundle)));
    let held: DisposeStack | undefined = loading.move();
    return {
      classifiers: leases.map(({ value }) => value),
      commit: () => {
        if (held === undefined) throw new Error('this candidate has been committed or disposed of');
        held = undefined;
        const before = [...this.#committed, ...this.#spare.values()];
        this.#committed = leases;
        this.#spare.clear();
        for (const lease of before) void this.#release(lease);
      },
      [Symbol.asyncDispose]: async () => {
        const rest = held;
        held = undefined;
        await rest?.[Symbol.asyncDispose]();
      },
    };
  }

  /** Whoever has it gives it back when nothing of it is under way any more. */
  async lease(plan: Pick<StreamPlan, 'name' | 'bundle' | 'choice' | 'tiles'>): Promise<StreamLease> {
    await using taking = new DisposeStack();
    const { choice, tiles } = plan;
    const classifier = taking.use(await this.#take(plan.bundle));
    const frontEnd = taking.use(new FrontEnd(choice.geometry, tiles, (adapter) => this.#takeSession(plan, adapter)));
    const taken = taking.move();
    this.#ofStreams.add(classifier);
    return {
      classifier: classifier.value,
      frontEnd,
      [Symbol.asyncDispose]: () => {
        this.#ofStreams.delete(classifier);
        return taken[Symbol.asyncDispose]();
      },
    };
  }

  /** One after the other, those that are committed or that a stream has; none is released meanwhile. */
  async eachInUse(visit: (classifier: Classifier) => Promise<void>): Promise<void> {
    const inUse = new Set([...this.#committed, ...this.#ofStreams].map(({ value }) => value));
    await using held = new DisposeStack();
    const leases = await Promise.all([...inUse].map(({ bundle }) => this.#take(bundle)));
    for (const lease of leases) held.use(lease);
    for (const { value } of leases) await visit(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using all = new DisposeStack();
    all.use(this.#classifiers);
    all.use(this.#sessions);
    all.defer(() => Promise.all(this.#releasing));
  }

  #take(bundle: Bundle): Promise<Lease<Classifier>> {
    return this.#classifiers.take(bundleKey(bundle), () => loadClassifier(bundle, this.#engine, this.#options));
  }

  /** What the stream had before is spare no longer. */
  async #takeSession(
    { name, choice: { geometry }, tiles }: Pick<StreamPlan, 'name' | 'choice' | 'tiles'>,
    adapter: AdapterWeights,
  ): Promise<Lease<FrontEndSession>> {
    const key = `${geometryKey(geometry)} ${tiles ? tilesKey(tiles) : ''} ${adapterDigest(adapter)}`;
    const load = () => FrontEndSession.load(this.#engine, { geometry, tiles, adapter });
    const take = () => this.#sessions.take(key, load);
    const [lease, spare] = await Promise.all([take(), take()]);
    const before = this.#spare.get(name);
    this.#spare.set(name, spare);
    if (before) void this.#release(before);
    return { value: lease.value, [Symbol.asyncDispose]: () => this.#release(lease) };
  }

  /** Whatever it says is told. */
  #release(lease: Lease<AsyncDisposable>): Promise<void> {
    const released = lease[Symbol.asyncDispose]()
      .catch((error: unknown) => this.#options.happenings.tell({ type: 'fault', error }))
      .finally(() => this.#releasing.delete(released));
    this.#releasing.add(released);
    return released;
  }
}
