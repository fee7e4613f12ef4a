/** A stream of a service: kept going for ever, paused, resumed, started anew, given another adapter. */
import {
  BehaviorSubject,
  combineLatest,
  defer,
  fromEvent,
  map,
  of,
  startWith,
  Subject,
  take,
  tap,
  type Observable,
} from 'rxjs';
import type { Config, StreamConfig } from '../../config/schema.ts';
import { ConfigurationError, UserError } from '../../domain/errors.ts';
import type { StateEvent } from '../../domain/event.ts';
import type { Frame } from '../../domain/frame.ts';
import type { ConnectFailureReason, StreamState } from '../../domain/happening.ts';
import { Backoff } from '../../pipeline/backoff.ts';
import { supervise, type Intent } from '../../pipeline/supervise.ts';
import { SourceError, type SourceFailure } from '../../video/source/source-error.ts';
import type { SourceInfo } from '../../video/source/source-info.ts';
import { isLive } from '../../video/source/source-spec.ts';
import type { AdapterWatch } from '../adapters/adapter-watch.ts';
import type { StreamAdapters } from '../adapters/stream-adapters.ts';
import { connection$, ResolutionChange, type Shared } from './connection.ts';
import { LabelMemory } from './label-memory.ts';
import type { PlannedAdapter, PlanParts, StreamPlan } from './stream-plan.ts';

/** Where fits are asked for; asking twice is asking once. */
export interface Fits {
  add(stream: string): void;
  remove(stream: string): void;
}

export interface SupervisedParts {
  readonly config: StreamConfig;
  /** Asked whenever it is needed: a reload may change it. */
  readonly reconnect: () => Config['reconnect'];
  readonly shared: Shared;
  readonly adapters: StreamAdapters;
  readonly fits: Fits;
  readonly watch: Pick<AdapterWatch, 'frame'>;
  readonly plan: (parts: Pick<PlanParts, 'signal' | 'info' | 'adapterFor'>) => Promise<StreamPlan>;
  /** 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** Changes of the size that are followed at once before a stream counts as one that flutters. */
const quickChanges = 4;

export class SupervisedStream {
  readonly config: StreamConfig;
  readonly #parts: SupervisedParts;
  readonly #backoff: Backoff;
  readonly #paused$: BehaviorSubject<boolean>;
  readonly #again$ = new Subject<void>();
  #plan: StreamPlan | undefined;
  #adapter: PlannedAdapter | undefined;
  /** What the source was when it was last seen, for one attempt only: if that fails, nothing is known. */
  #known: { readonly info: SourceInfo; readonly changed: boolean; readonly skipFrames: number } | undefined;
  /** Of a file, for the connection that is made: frames that an earlier one has delivered. */
  #skipFrames = 0;
  /** Of the present connection, and of the next one where only the size changes. */
  #labels: LabelMemory | undefined;
  #connectedAt: number | undefined;
  #lastFrameAt = 0;
  #everConnected = false;
  #changes = 0;

  constructor(parts: SupervisedParts) {
    this.config = parts.config;
    this.#parts = parts;
    const { reconnect, random } = parts;
    this.#backoff = new Backoff({
      random,
      get firstMs() {
        return 1000 * reconnect().first_delay_seconds;
      },
      get mostMs() {
        return 1000 * reconnect().longest_delay_seconds;
      },
    });
    this.#paused$ = new BehaviorSubject(!parts.config.enabled);
  }

  get paused(): boolean {
    return this.#paused$.value;
  }

  /** Of the present connection, or the last one. */
  get plan(): StreamPlan | undefined {
    return this.#plan;
  }

  /** In use from the next frame on. */
  get adapter(): PlannedAdapter | undefined {
    return this.#adapter;
  }

  /** Runs until it is asked to end, or its file has ended. */
  events$(asked: AbortSignal): Observable<StateEvent> {
    const { config } = this.#parts;
    const stopped$ = defer(() =>
      asked.aborted
        ? of(true)
        : fromEvent(asked, 'abort').pipe(
            take(1),
            map(() => true),
            startWith(false),
          ),
    );
    const intent$ = combineLatest([this.#paused$, stopped$]).pipe(
      map(([paused, stopped]): Intent => (stopped ? 'stop' : paused ? 'pause' : 'run')),
    );
    return defer(() =>
      supervise((interrupted) => this.#attempt$(interrupted), {
        intent$,
        again$: this.#again$,
        delayAfter: (error) => this.#delayAfter(error),
        onPaused: () => this.#state('disabled', config.enabled ? 'paused' : 'not enabled'),
      }),
    );
  }

  pause(): void {
    this.#paused$.next(true);
  }

  resume(): void {
    this.#paused$.next(false);
  }

  /** Throws a UserError while it is paused. */
  restart(): void {
    const { name } = this.config;
    if (this.paused) throw new UserError(`the stream ${name} must not be paused to be restarted; resume it`);
    this.#parts.shared.happenings.tell({ type: 'decoder_restarted', stream: name, reason: 'requested' });
    this.#again$.next();
  }

  /** Takes another adapter between two frames. */
  useAdapter(adapter: PlannedAdapter, result: 'applied' | 'rolled_back'): void {
    this.#adapter = adapter;
    this.#parts.shared.happenings.tell({ type: 'adapter_swapped', stream: this.config.name, result });
    if (this.#plan) this.#tellAdapter(this.#plan, adapter.id);
  }

  /** Looks again which adapter is active for the present connection. */
  async refreshAdapter(): Promise<void> {
    const plan = this.#plan;
    if (!plan) return;
    const adapter = await this.#parts.adapters.choose(this.config, plan.bundle, plan.choice.geometry);
    // It may have been connected anew meanwhile, with another geometry and the adapter for that.
    if (this.#plan === plan && adapter.id !== this.#adapter?.id) this.useAdapter(adapter, 'applied');
  }

  #attempt$(interrupted: AbortSignal): Observable<StateEvent> {
    const { shared, config, watch } = this.#parts;
    this.#connectedAt = undefined;
    const parts = {
      config,
      plan: (signal: AbortSignal) => this.#makePlan(signal),
      skipFrames: () => this.#skipFrames,
      labels: (plan: StreamPlan) => (this.#labels ??= new LabelMemory(plan, shared.happenings)),
      adapter: () => this.#adapter?.weights ?? fail(),
      onFrame: () => {
        this.#everConnected = true;
        this.#lastFrameAt = shared.clock.now();
        this.#connectedAt ??= this.#lastFrameAt;
      },
      onClassify: (frame: Frame, plan: StreamPlan) => watch.frame(frame, plan, this),
    };
    return connection$(parts, shared, interrupted).pipe(
      tap({
        complete: () => this.#forgetLabels(),
        error: (error: unknown) => {
          if (!(error instanceof ResolutionChange)) this.#forgetLabels();
        },
      }),
    );
  }

  #forgetLabels(): void {
    this.#labels?.finish();
    this.#labels = undefined;
  }

  async #makePlan(signal: AbortSignal): Promise<StreamPlan> {
    const { adapters, config } = this.#parts;
    const known = this.#known;
    this.#known = undefined;
    this.#skipFrames = known?.skipFrames ?? 0;
    const adapterFor: PlanParts['adapterFor'] = (...target) => adapters.choose(...target);
    const plan = await this.#parts.plan({ signal, info: known?.info, adapterFor });
    this.#plan = plan;
    this.#adapter = { weights: plan.adapter, id: plan.adapterId };
    if (known?.changed === true) await adapters.switched(plan);
    this.#tellAdapter(plan, plan.adapterId);
    if (await adapters.wantsFit(plan)) this.#parts.fits.add(config.name);
    return plan;
  }

  #delayAfter(error: unknown): number {
    const { reconnect, config } = this.#parts;
    const { happenings } = this.#parts.shared;
    const { name: stream } = config;
    const wasLive = this.#connectedAt !== undefined;
    if (this.#lastFrameAt - (this.#connectedAt ?? this.#lastFrameAt) >= 1000 * reconnect().healthy_seconds) {
      this.#backoff.reset();
      this.#changes = 0;
    }
    if (error instanceof ResolutionChange) {
      const { info, skipFrames } = error.change;
      this.#known = { info, changed: true, skipFrames };
      happenings.tell({ type: 'resolution_changed', stream, native: info.native });
      happenings.tell({ type: 'decoder_restarted', stream, reason: 'resolution_change' });
      // A file loses nothing by it, and is no camera that could be spared.
      if (this.#plan?.spec.live !== true || ++this.#changes <= quickChanges) return 0;
      this.#forgetLabels();
      const wait = this.#backoff.next();
      this.#state('backing_off', `its size changes all the time; next attempt in ${seconds(wait)} s`);
      return wait;
    }
    const reason = error instanceof SourceError ? error.reason : 'other';
    if (wasLive) {
      // It comes back as it was, mostly; where it does not, its first frame says so.
      if (this.#plan?.spec.live === true) this.#known = { info: this.#plan.info, changed: false, skipFrames: 0 };
      happenings.tell({ type: 'decoder_restarted', stream, reason: reason === 'timeout' ? 'stalled' : 'exited' });
    } else {
      happenings.tell({ type: 'connect_failed', stream, reason: failureLabel(reason, this.#everConnected) });
    }
    if (!(error instanceof UserError)) happenings.tell({ type: 'fault', stream, error });
    const message = error instanceof UserError ? error.message : 'a fault of the program, which the log describes';
    const [state, wait] = this.#verdict(error, reason);
    this.#state(state, wait === Infinity ? message : `${message}; next attempt in ${seconds(wait)} s`);
    return wait;
  }

  #state(state: StreamState, reason: string): void {
    this.#parts.shared.happenings.tell({ type: 'stream_state', stream: this.config.name, state, reason });
  }

  #tellAdapter({ name: stream, info: { native } }: StreamPlan, id: string): void {
    this.#parts.shared.happenings.tell({ type: 'adapter_active', stream, id, native });
  }

  /** Nothing is given up that could mend itself: cameras are repaired, files put right only by people. */
  #verdict(error: unknown, reason: SourceFailure): ['failed' | 'backing_off', number] {
    // Nobody may have begun to write into a pipe.
    if (!isLive(this.config.source) && reason !== 'timeout') return ['failed', Infinity];
    if (error instanceof ConfigurationError || !(error instanceof UserError) || reason === 'hardware') {
      return ['failed', this.#backoff.long()];
    }
    return ['backing_off', reason === 'auth' || reason === 'busy' ? this.#backoff.long() : this.#backoff.next()];
  }
}

/** A camera that took the password before has not changed its mind: it has no connection left. */
function failureLabel(reason: SourceFailure, everConnected: boolean): ConnectFailureReason {
  if (reason === 'hardware') return 'other';
  return reason === 'auth' && everConnected ? 'busy' : reason;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

function fail(): never {
  throw new Error('a frame came before there was an adapter for it');
}
