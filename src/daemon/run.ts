/** Streams until their sources end, without supervision: each is looked at and run as its turn comes. */
import { availableParallelism } from 'node:os';
import { catchError, defer, EMPTY, finalize, from, merge, mergeAll, switchMap, type Observable } from 'rxjs';
import type { Config, StreamConfig } from '../config/schema.ts';
import type { Clock } from '../domain/clock.ts';
import { UserError } from '../domain/errors.ts';
import type { Happenings } from '../domain/happenings.ts';
import { incompleteText } from '../domain/incomplete.ts';
import type { Part } from '../domain/part.ts';
import type { Engine } from '../engine/engine.ts';
import { handlers } from '../domain/happenings.ts';
import { SourceError } from '../video/source/source-error.ts';
import { RunStatistics } from '../output/run-statistics.ts';
import type { RunSummary } from '../output/summary.ts';
import type { Ledger } from '../pipeline/ledger.ts';
import { acceptedStreams, type AcceptedStream } from './accepted-streams.ts';
import type { SourceInfo } from '../video/source/source-info.ts';
import { partOf } from '../video/source/parted-source.ts';
import { describeSource, isLive, type SourceSpec } from '../video/source/source-spec.ts';
import { Devices } from './device/devices.ts';
import { allGone, type StreamCommons } from './stream/running-stream.ts';
import type { Sources } from './stream/sources.ts';
import { wholeStream$ } from './stream/whole-stream.ts';
import { atOwnPace, planStream, type PlanParts, type StreamPlan } from './stream/stream-plan.ts';

export interface RunParts {
  readonly config: Config;
  readonly engine: Engine;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly happenings: Happenings;
  /** Ends the run: no more frames are taken, what was decided is told. */
  readonly signal: AbortSignal;
  /** What is wanted of each source; the whole by default. */
  readonly part?: Part | undefined;
  /** Files that are looked at, and read, at the same time; as many as there are cores, at least 2, by default. */
  readonly filesAtOnce?: number;
}

export interface RunOutcome {
  readonly summary: RunSummary;
  /** Of the first stream. Others are forgotten as they end, since each knows every label of its bundle. */
  readonly firstPlan: StreamPlan | undefined;
  /** What streams ended with that failed; the others went on. */
  readonly failures: readonly unknown[];
}

/**
 * Runs the configured streams until their sources end or the signal aborts. Rejects before the start with what is wrong
 * with the configuration, and with the first failure where no source at all can be used.
 */
export async function run(parts: RunParts): Promise<RunOutcome> {
  const { config, engine, sources, clock, ledger, happenings, signal } = parts;
  const { batch } = config;
  const streams = await acceptedStreams(config);
  const statistics = new RunStatistics();
  const listening = happenings.subscribe(statistics.subscriber);
  for (const { stream } of streams) happenings.tell({ type: 'stream_added', stream: stream.name });
  await using devices = new Devices(engine, { batch: () => batch, happenings });
  await using candidate = await devices.candidate(new Set(streams.map(({ bundle }) => bundle)));
  candidate.commit();
  const started = clock.now();
  const commons = { sources, clock, batch, devices, ledger, happenings, closing: new Set<Promise<unknown>>() };
  const turns = new Turns(parts, commons, streams[0]?.stream);
  const incomplete = happenings.subscribe(turns.subscriber);
  const inTurn = (chosen: readonly AcceptedStream[]) => chosen.map((stream) => turns.turn$(stream));
  const [files, cameras] = [streams.filter(waitsForUs), streams.filter((stream) => !waitsForUs(stream))];
  try {
    await ended(merge(from(inTurn(files)).pipe(mergeAll(filesAtOnce(parts))), ...inTurn(cameras)));
  } finally {
    await allGone(commons.closing);
    listening[Symbol.dispose]();
    incomplete[Symbol.dispose]();
  }
  const { planned, failures, firstPlan } = turns;
  if (planned.size === 0) {
    signal.throwIfAborted();
    for (const failure of failures.values()) throw failure;
  }
  const names = streams.map(({ stream: { name } }) => name);
  // What a stop has left unopened is no row of the summary.
  const seen = names.filter((name) => planned.has(name) || failures.has(name));
  const counts = new Map(seen.map((name) => [name, ledger.counts(name)]));
  return {
    summary: statistics.summary((clock.now() - started) / 1000, counts),
    firstPlan,
    failures: [...failures.values()],
  };
}

/** Cameras answer when they like, all at once; files wait, and are looked at and read a few at a time. */
function waitsForUs({ stream }: AcceptedStream): boolean {
  return !isLive(stream.source) && !atOwnPace(stream);
}

function filesAtOnce({ filesAtOnce: given }: RunParts): number {
  return given ?? Math.max(2, availableParallelism());
}

/** One stream after the other; one that fails ends, the others go on. */
class Turns {
  /** How each source is called whose stream was planned. */
  readonly planned = new Map<string, string>();
  firstPlan: StreamPlan | undefined;
  readonly failures = new Map<string, unknown>();
  readonly #parts: RunParts;
  readonly #commons: StreamCommons;
  readonly #first: StreamConfig | undefined;

  constructor(parts: RunParts, commons: StreamCommons, first: StreamConfig | undefined) {
    this.#parts = parts;
    this.#first = first;
    this.#commons = commons;
  }

  /** What is cut off or damaged was classified as far as it goes, and is a failure all the same. */
  readonly subscriber = handlers({
    source_seen: ({ stream, ...seen }) => {
      const source = this.planned.get(stream);
      if (seen.complete || source === undefined) return;
      this.#fail(stream, new SourceError(`${source} ${incompleteText(seen)}`, 'eof'));
    },
  });

  /** Subscribing looks at the source; nobody is before its turn. */
  turn$(accepted: AcceptedStream): Observable<unknown> {
    const { name } = accepted.stream;
    const { signal, happenings } = this.#parts;
    return defer(() => (signal.aborted ? EMPTY : from(this.#planned(accepted)))).pipe(
      switchMap((plan) => this.#running$(plan, accepted)),
      catchError((error: unknown) => {
        // A stop while the source was looked at is no failure.
        if (!signal.aborted || error !== signal.reason) this.#fail(name, error);
        return EMPTY;
      }),
      finalize(() => happenings.tell({ type: 'stream_ended', stream: name })),
    );
  }

  async #planned(accepted: AcceptedStream): Promise<StreamPlan> {
    const plan = await this.#plan(accepted);
    this.planned.set(plan.name, partText(plan.spec));
    if (accepted.stream === this.#first) this.firstPlan = plan;
    return plan;
  }

  #plan({ stream, bundle }: AcceptedStream, known: Pick<PlanParts, 'spec' | 'info'> = {}): Promise<StreamPlan> {
    const { sources, engine, signal, part } = this.#parts;
    return planStream(stream, { ...known, part, look: sources.look, device: engine.report, signal, bundle });
  }

  #running$(plan: StreamPlan, accepted: AcceptedStream): Observable<unknown> {
    const { signal, happenings } = this.#parts;
    const { name: stream } = plan;
    happenings.tell({ type: 'stream_state', stream, state: 'live' });
    const replan = (info: SourceInfo) => this.#plan(accepted, { spec: plan.spec, info });
    return wholeStream$(plan, { signal, replan }, this.#commons);
  }

  #fail(stream: string, error: unknown): void {
    const { happenings } = this.#parts;
    this.failures.set(stream, error);
    const isUsers = error instanceof UserError;
    if (!isUsers) happenings.tell({ type: 'fault', stream, error });
    const reason = isUsers ? error.message : 'a fault of the program, which the log describes';
    happenings.tell({ type: 'stream_state', stream, state: 'failed', reason });
  }
}

/** What of the source is wanted, to be told where some of it is missing. */
function partText(spec: SourceSpec): string {
  const start = partOf(spec)?.startSeconds;
  return start === undefined ? describeSource(spec) : `the part from ${start} s on of ${describeSource(spec)}`;
}

/** The one subscription. Sources complete when the signal aborts, and what is under way is still decided. */
function ended(streams$: Observable<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    // eslint-disable-next-line rxjs-x/no-ignored-subscription -- ends with the sources
    streams$.subscribe({ error: reject, complete: resolve });
  });
}
