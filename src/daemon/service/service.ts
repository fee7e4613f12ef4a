/** The composition root of `run` as a service: streams come and go, none of them ends the others. */
import { availableParallelism } from 'node:os';
import { concat, defer, EMPTY, groupBy, mergeMap, Subject, type Observable } from 'rxjs';
import type { Config, StreamConfig } from '../../config/schema.ts';
import type { Clock } from '../../domain/clock.ts';
import { DisposeStack } from '../../domain/dispose-stack.ts';
import { UserError } from '../../domain/errors.ts';
import type { StateEvent } from '../../domain/event.ts';
import type { Happenings } from '../../domain/happenings.ts';
import type { Engine } from '../../engine/engine.ts';
import type { AdapterStore } from '../../model/adapter-store.ts';
import type { Bundle } from '../../model/bundle.ts';
import type { Ledger } from '../../pipeline/ledger.ts';
import { handOver } from '../../pipeline/hand-over.ts';
import { Turnstile, type Places } from '../../pipeline/turnstile.ts';
import { targetsOf } from '../../pipeline/targets.ts';
import { refuseSharedFiles } from '../accepted-streams.ts';
import { AdapterWatch, type WatchOptions } from '../adapters/adapter-watch.ts';
import { DeviceCheck } from '../device/device-check.ts';
import { bundleKey } from '../device/classifier.ts';
import { Devices, type Candidate } from '../device/devices.ts';
import { sharedBundles } from '../device/shared-bundles.ts';
import { StreamAdapters } from '../adapters/stream-adapters.ts';
import { changesBetween, type StreamChanges } from './stream-changes.ts';
import { SupervisedStream, type Fits } from '../stream/supervised-stream.ts';
import type { Shared } from '../stream/connection.ts';
import { allGone } from '../stream/running-stream.ts';
import type { Sources } from '../stream/sources.ts';
import { planStream } from '../stream/stream-plan.ts';

export interface ServiceParts {
  readonly config: Config;
  readonly engine: Engine;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly store: AdapterStore;
  readonly happenings: Happenings;
  readonly fits: Fits;
  readonly watch: Pick<WatchOptions, 'trials' | 'calm'>;
  /** 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** A configuration that can be applied: its bundles are read, loaded and tested. Disposed of, it leaves all as it was. */
export interface Prepared extends AsyncDisposable {
  readonly config: Config;
  /** By name. */
  readonly bundles: ReadonlyMap<string, Bundle>;
  readonly candidate: Candidate;
}

interface Update {
  readonly name: string;
  /** Undefined: taken out. */
  readonly stream: { readonly config: StreamConfig; readonly bundle: Bundle } | undefined;
}

export class Service implements AsyncDisposable {
  readonly adapters: StreamAdapters;
  readonly check: DeviceCheck;
  readonly #parts: ServiceParts;
  readonly #devices: Devices;
  readonly #watch: AdapterWatch;
  readonly #turnstile: Turnstile;
  readonly #shared: Shared;
  readonly #streams = new Map<string, SupervisedStream>();
  readonly #ended = new Set<string>();
  readonly #updates$ = new Subject<Update>();
  #config: Config;
  #bundles: ReadonlyMap<string, Bundle> = new Map<string, Bundle>();
  #running = false;
  #stopping = false;

  constructor(parts: ServiceParts) {
    const { config, engine, store, happenings, sources, clock, ledger } = parts;
    const settings = () => this.#config;
    this.#parts = parts;
    this.#config = config;
    this.#devices = new Devices(engine, { batch: () => this.#config.batch, happenings });
    this.adapters = new StreamAdapters(store, happenings);
    this.#watch = new AdapterWatch({
      ...parts.watch,
      adapters: this.adapters,
      happenings,
      clock,
      get sampleSeconds() {
        return settings().fitting.sample_seconds;
      },
      get frames() {
        return settings().fitting.shadow_frames;
      },
    });
    this.check = new DeviceCheck(this.#devices);
    this.#turnstile = new Turnstile(placesOf(config.reconnect));
    this.#shared = {
      sources,
      clock,
      batch: config.batch,
      devices: this.#devices,
      ledger,
      happenings,
      turnstile: this.#turnstile,
      closing: new Set(),
    };
  }

  /**
   * Reads the bundles of a configuration as they are on the disk now, loads their classifiers beside those in
   * use and tests them on the device, and checks what can be checked of its streams without their sources.
   * Throws what is wrong, and keeps nothing of it then.
   */
  async prepare(config: Config): Promise<Prepared> {
    refuseSharedFiles(config);
    const { streams, stream_defaults: common } = config;
    const bundleOf = sharedBundles(config);
    // Without streams the default, so that what is ready is what will be used.
    const names = new Set(streams.length > 0 ? streams.map(({ bundle }) => bundle) : [common.bundle]);
    const bundles = new Map<string, Bundle>();
    for (const name of names) bundles.set(name, await bundleOf(name));
    for (const stream of streams) targetsOf((await bundleOf(stream.bundle)).card.output.labels, stream);
    await using stack = new DisposeStack();
    const candidate = stack.use(await this.#devices.candidate(bundles.values()));
    await this.check.verify(candidate);
    const held = stack.move();
    return { config, bundles, candidate, [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() };
  }

  /** Runs until the signal aborts, or all streams are files that have ended. Rejects for faults of the program only. */
  async run(signal: AbortSignal): Promise<void> {
    const running = new Promise<void>((resolve, reject) => {
      // eslint-disable-next-line rxjs-x/no-ignored-subscription -- the one subscription; ends with the updates
      this.#events$().subscribe({ error: reject, complete: resolve });
    });
    signal.addEventListener('abort', () => this.#stop(), { once: true });
    this.#running = true;
    for (const config of this.#config.streams) this.#begin(config);
    if (signal.aborted) this.#stop();
    await running;
    await allGone(this.#shared.closing);
  }

  /** What holds now. */
  get config(): Config {
    return this.#config;
  }

  /**
   * Makes this configuration hold; streams that are as they were, with the bundle that they had, go on untouched.
   * What no stream uses any more is released.
   */
  apply({ config, bundles, candidate }: Prepared): StreamChanges {
    const { streams, reconnect } = config;
    const changes = changesBetween(this.#config.streams, streams, ({ bundle: name }) => {
      const [before, after] = [this.#bundles.get(name), bundles.get(name)];
      return before === undefined || after === undefined || bundleKey(before) !== bundleKey(after);
    });
    candidate.commit();
    this.#config = config;
    this.#bundles = bundles;
    this.#turnstile.places = placesOf(reconnect);
    // They begin with `run`.
    if (!this.#running) return changes;
    const changed = new Set([...changes.added, ...changes.changed]);
    for (const name of changes.removed) this.#updates$.next({ name, stream: undefined });
    for (const stream of streams) if (changed.has(stream.name)) this.#begin(stream);
    return changes;
  }

  /** Takes the adapters that were made active in the store meanwhile, by another program, between two frames. */
  async refreshAdapters(): Promise<void> {
    for (const stream of this.#streams.values()) await stream.refreshAdapter();
  }

  /** Nothing new is begun any more; what is under way is still decided. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Throws a UserError where there is no such stream. */
  stream(name: string): SupervisedStream {
    const stream = this.#streams.get(name);
    if (!stream) throw new UserError(`there must be a stream ${name}, but there is none`);
    return stream;
  }

  /** A fit of the stream has ended: what it offered is tried from the next frame on. */
  fitEnded(name: string): void {
    this.#watch.forget(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using stack = new DisposeStack();
    stack.use(this.#devices);
    stack.use(this.#watch);
  }

  #events$(): Observable<StateEvent> {
    return this.#updates$.pipe(
      groupBy(({ name }) => name),
      mergeMap((updates$) =>
        updates$.pipe(handOver(({ stream }, asked) => this.#lifetime$(updates$.key, stream, asked))),
      ),
    );
  }

  #begin(config: StreamConfig): void {
    const bundle = this.#bundles.get(config.bundle);
    if (!bundle) throw new Error(`the bundle ${config.bundle} of the stream ${config.name} has not been prepared`);
    this.#updates$.next({ name: config.name, stream: { config, bundle } });
  }

  /** One stream with one configuration and one bundle. */
  #lifetime$(name: string, given: Update['stream'], asked: AbortSignal): Observable<StateEvent> {
    const { happenings, ledger, random, fits, engine, sources } = this.#parts;
    if (!given) {
      this.#streams.delete(name);
      happenings.tell({ type: 'stream_removed', stream: name });
      ledger.forget(name);
      fits.remove(name);
      this.#watch.forget(name);
      return EMPTY;
    }
    const { config, bundle } = given;
    const stream = new SupervisedStream({
      config,
      random,
      fits,
      watch: this.#watch,
      adapters: this.adapters,
      shared: this.#shared,
      reconnect: () => this.#config.reconnect,
      plan: (known) => planStream(config, { ...known, bundle, look: sources.look, device: engine.report }),
    });
    this.#ended.delete(name);
    if (!this.#streams.has(name)) happenings.tell({ type: 'stream_added', stream: name });
    this.#streams.set(name, stream);
    return concat(
      stream.events$(asked),
      defer(() => {
        if (!asked.aborted) this.#fileEnded(name);
        return EMPTY;
      }),
    );
  }

  #fileEnded(name: string): void {
    const reason = 'the source has ended';
    this.#parts.happenings.tell({ type: 'stream_state', stream: name, state: 'disabled', reason });
    this.#ended.add(name);
    if ([...this.#streams.keys()].every((running) => this.#ended.has(running))) this.#stop();
  }

  #stop(): void {
    this.#stopping = true;
    for (const name of [...this.#streams.keys()]) this.#updates$.next({ name, stream: undefined });
    this.#updates$.complete();
  }
}

/** By then a start has had its share of the processor, and waits for a camera. */
const startMs = 1000;

function placesOf({ connecting_per_host: perKey, connecting_total: total }: Config['reconnect']): Places {
  return { perKey, total: total === 0 ? 2 * availableParallelism() : total, totalMs: startMs };
}
