/** Streams until their sources end, without supervision: plans all, then runs them, with the one subscription. */
import { availableParallelism } from 'node:os';
import {
  catchError,
  defer,
  EMPTY,
  from,
  lastValueFrom,
  merge,
  mergeAll,
  mergeMap,
  toArray,
  type Observable,
} from 'rxjs';
import type { Config } from '../config/schema.ts';
import type { Clock } from '../domain/clock.ts';
import { UserError } from '../domain/errors.ts';
import type { Happenings } from '../domain/happenings.ts';
import type { Engine } from '../engine/engine.ts';
import { RunStatistics } from '../output/run-statistics.ts';
import type { RunSummary } from '../output/summary.ts';
import type { Ledger } from '../pipeline/ledger.ts';
import { isLive } from '../video/source/source-spec.ts';
import { Devices } from './device/devices.ts';
import { sharedBundles } from './device/shared-bundles.ts';
import { allGone, runningStream$, type StreamCommons } from './stream/running-stream.ts';
import type { Sources } from './stream/sources.ts';
import { isLossless } from './stream/stream.ts';
import { planStream, type StreamPlan } from './stream/stream-plan.ts';

export interface RunParts {
  readonly config: Config;
  readonly engine: Engine;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly happenings: Happenings;
  /** Ends the run: no more frames are taken, what was decided is told. */
  readonly signal: AbortSignal;
  /** Files that are looked at, and read, at the same time; as many as there are cores, at least 2, by default. */
  readonly filesAtOnce?: number;
}

export interface RunOutcome {
  readonly summary: RunSummary;
  readonly plans: readonly StreamPlan[];
  /** What streams ended with that failed; the others went on. */
  readonly failures: readonly unknown[];
}

/** Runs the configured streams until their sources end or the signal aborts. Rejects before the start with what is wrong. */
export async function run(parts: RunParts): Promise<RunOutcome> {
  const { config, engine, sources, clock, ledger, happenings, signal } = parts;
  const { batch } = config;
  const statistics = new RunStatistics();
  const listening = happenings.subscribe(statistics.subscriber);
  const plans = await plansOf(parts);
  await using devices = new Devices(engine, { batch: () => batch, happenings });
  await using candidate = await devices.candidate(new Set(plans.map(({ bundle }) => bundle)));
  candidate.commit();
  const started = clock.now();
  const commons = { sources, clock, batch, devices, ledger, happenings, closing: new Set<Promise<unknown>>() };
  const failures: unknown[] = [];
  const streams = (chosen: readonly StreamPlan[]) => chosen.map((plan) => guarded$(plan, signal, commons, failures));
  const [files, cameras] = [plans.filter(isLossless), plans.filter((plan) => !isLossless(plan))];
  try {
    await ended(merge(from(streams(files)).pipe(mergeAll(filesAtOnce(parts))), ...streams(cameras)));
  } finally {
    await allGone(commons.closing);
    listening[Symbol.dispose]();
  }
  const counts = new Map(plans.map(({ name }) => [name, ledger.counts(name)]));
  return { summary: statistics.summary((clock.now() - started) / 1000, counts), plans, failures };
}

/** In the order of the configuration. Cameras answer when they like, files are looked at a few at a time. */
async function plansOf(parts: RunParts): Promise<StreamPlan[]> {
  const { config, sources, engine, signal, happenings } = parts;
  const bundleOf = sharedBundles(config);
  const enabled = config.streams.filter((stream) => stream.enabled);
  for (const { name } of enabled) happenings.tell({ type: 'stream_added', stream: name });
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  const planned = (streams: Config['streams'], atOnce: number) =>
    from(streams).pipe(
      mergeMap(async (stream) => {
        const bundle = await bundleOf(stream.bundle);
        return planStream(stream, { look: sources.look, device: engine.report, signal, bundle });
      }, atOnce),
    );
  const [files, cameras] = [
    enabled.filter(({ source }) => !isLive(source)),
    enabled.filter(({ source }) => isLive(source)),
  ];
  const plans = await lastValueFrom(
    merge(planned(files, filesAtOnce(parts)), planned(cameras, Infinity)).pipe(toArray()),
  );
  const order = enabled.map(({ name }) => name);
  return plans.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

function filesAtOnce({ filesAtOnce: given }: RunParts): number {
  return given ?? Math.max(2, availableParallelism());
}

/** One that fails ends; the others go on. */
function guarded$(plan: StreamPlan, signal: AbortSignal, commons: StreamCommons, failures: unknown[]) {
  const { happenings } = commons;
  const { name: stream, adapter } = plan;
  return defer(() => {
    happenings.tell({ type: 'stream_state', stream, state: 'live' });
    return runningStream$(plan, { adapter: () => adapter, signal, watch: (frames$) => frames$ }, commons);
  }).pipe(
    catchError((error: unknown) => {
      failures.push(error);
      const isUsers = error instanceof UserError;
      if (!isUsers) happenings.tell({ type: 'fault', stream, error });
      const reason = isUsers ? error.message : 'a fault of the program, which the log describes';
      happenings.tell({ type: 'stream_state', stream, state: 'failed', reason });
      return EMPTY;
    }),
  );
}

/** The one subscription. Sources complete when the signal aborts, and what is under way is still decided. */
function ended(streams$: Observable<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    // eslint-disable-next-line rxjs-x/no-ignored-subscription -- ends with the sources
    streams$.subscribe({ error: reject, complete: resolve });
  });
}
