/**
 * The composition root of `edge-cls run -c FILE` as a service: streams that come back, HTTP, metrics, the service
 * manager, fits, reload. The one file of daemon/ that knows of learning/.
 */
import type { Config } from '../../config/schema.ts';
import { stateDirectory } from '../../config/state-directory.ts';
import { systemClock } from '../../domain/clock.ts';
import { DisposeStack } from '../../domain/dispose-stack.ts';
import { Happenings } from '../../domain/happenings.ts';
import { packageFacts } from '../../domain/package-root.ts';
import { redact } from '../../domain/redact.ts';
import type { Stopped } from '../../domain/stop.ts';
import { StreamTrials } from '../../learning/watch/stream-trials.ts';
import { AdapterStore } from '../../model/adapter-store.ts';
import { refuseUnguarded, startHttpServer } from '../../output/http/server.ts';
import { readToken } from '../../output/http/token.ts';
import { logStop } from '../../output/log-happenings.ts';
import { createMetrics } from '../../output/metrics/metrics.ts';
import { Sinks } from '../../output/sinks/sinks.ts';
import { StreamBoard } from '../../output/stream-board.ts';
import { Ledger } from '../../pipeline/ledger.ts';
import { fitCommand } from '../adapters/fit-command.ts';
import { FitQueue } from '../adapters/fit-queue.ts';
import { LatencyGoal } from '../adapters/latency-goal.ts';
import { configuredEngine, configuredFfmpeg } from '../configured-parts.ts';
import { ffmpegSources } from '../stream/sources.ts';
import { createNotifier } from '../systemd/systemd-notify.ts';
import { coalesced } from './coalesced.ts';
import { ManagerStatus } from './manager-status.ts';
import { Service } from './service.ts';
import { serviceControl } from './service-control.ts';
import { openServiceLog } from './service-log.ts';
import { watchVitals } from './vitals.ts';

export interface ServiceOptions {
  /** Reads the configuration anew; throws what is wrong with it. */
  readonly load: () => Promise<Config>;
  /** What reading it had to say: old keys, and what to write now. */
  readonly notices: readonly string[];
  /** Of its file. */
  readonly path: string;
  /** Ends the service. */
  readonly signal: AbortSignal;
  /** Calls the function whenever the configuration shall be read again. */
  readonly onReloadSignal: (reload: () => void) => Disposable;
}

const clock = systemClock;
/** How long the end waits for a reader of the events that does not read. */
const sinkPatienceSeconds = 5;

/** Resolves when it has been stopped, or all its streams were files that have ended. */
export async function runService(config: Config, options: ServiceOptions): Promise<void> {
  const { load, notices, path: configPath, signal, onReloadSignal } = options;
  await using stack = new DisposeStack();
  const happenings = new Happenings();
  const metrics = createMetrics({ clock, build: { version: packageFacts.version, commit: 'unknown' } });
  const log = openServiceLog(config.log, happenings, stack);
  logStop(log, signal);
  const trouble = (sentence: string) => happenings.tell({ type: 'trouble', sentence });
  const board = new StreamBoard(clock);
  const goal = new LatencyGoal(() => service.config.fitting.latency_goal_seconds, clock);
  for (const { subscriber } of [metrics, board, goal]) happenings.subscribe(subscriber);
  notices.forEach(trouble);
  const notifier = createNotifier({ onTrouble: trouble });
  signal.addEventListener('abort', () => void notifier.stopping(), { once: true });
  const sinks = stack.use(
    await Sinks.open(config.sinks, {
      clock,
      stdout: process.stdout,
      tell: trouble,
      patienceSeconds: sinkPatienceSeconds,
    }),
  );
  happenings.subscribe(sinks.subscriber);
  metrics.sinks.read(sinks);
  // What can be told of the configuration is told before models are loaded.
  const { enabled, host, port, token_file: tokenFile } = config.http;
  const token = enabled && tokenFile !== null ? await readToken(tokenFile) : undefined;
  if (enabled) refuseUnguarded(host, token);
  const ffmpeg = await configuredFfmpeg(config);
  const engine = stack.use(await configuredEngine(config));
  const { device } = config;
  happenings.tell({ type: 'device_chosen', ...engine.report, ...(device !== 'auto' && { required: device }) });

  const ledger = new Ledger(happenings);
  const state = stateDirectory(config.state_directory);
  const fits = stack.use(
    new FitQueue({
      clock,
      command: (stream) => fitCommand(stream, { state, device, configPath }),
      calm: () => goal.met,
      onStarted: (stream) => happenings.tell({ type: 'fit_started', stream }),
      onEnded: (stream, seconds, end) => {
        happenings.tell({ type: 'fit_ended', stream, seconds, ...end });
        service.fitEnded(stream);
      },
    }),
  );
  // It has to be gone as soon as the streams.
  signal.addEventListener('abort', () => void fits[Symbol.asyncDispose](), { once: true });
  const trials = stack.use(new StreamTrials(engine, state, clock));
  const service: Service = stack.use(
    new Service({
      config,
      engine,
      sources: ffmpegSources(ffmpeg),
      clock,
      ledger,
      store: new AdapterStore(state, clock),
      happenings,
      fits,
      watch: { trials, calm: () => goal.met },
      random: Math.random,
    }),
  );
  service.apply(await service.prepare(config));

  const { missingSigns, hopeless } = watchVitals({ service, board, ledger, clock, notifier, log }, stack);
  const status = stack.use(new ManagerStatus(notifier, board, happenings));
  status.tellEvery(config.output.status_interval_seconds);
  const take = async (next: Config) => {
    await sinks.replace(next.sinks);
    log.level = next.log.level;
    status.tellEvery(next.output.status_interval_seconds);
  };
  const control = serviceControl({ service, board, ledger, load, missingSigns, take, happenings });
  if (enabled) {
    const onFault = (error: Error) => log.error({ err: error }, 'a request failed');
    const access = { host, port, ...(token !== undefined && { token }) };
    const http = stack.use(await startHttpServer({ control, metrics, redact, onFault, ...access }));
    log.info(`HTTP on ${http.host} port ${http.port}`);
  }
  await service.check.beat();
  await status.ready();
  const reload = coalesced(() => status.during(() => control.reload()));
  stack.use(
    onReloadSignal(() => {
      void sinks.reopen();
      void reload();
    }),
  );
  if (config.streams.length === 0) log.warn('there are no streams: add some to the configuration and reload it');
  await service.run(AbortSignal.any([signal, hopeless]));
  if (hopeless.aborted) throw (hopeless.reason as Stopped).cause;
}
