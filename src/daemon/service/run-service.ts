/**
 * The composition root of `edge-cls run -c FILE` as a service: streams that come back, HTTP, metrics, the service
 * manager, fits, reload. The one file of daemon/ that knows of learning/.
 */
import type { Config } from '../../config/schema.ts';
import { stateDirectory } from '../../config/state-directory.ts';
import { systemClock } from '../../domain/clock.ts';
import { DisposeStack } from '../../domain/dispose-stack.ts';
import { handlers, Happenings } from '../../domain/happenings.ts';
import { packageFacts } from '../../domain/package-root.ts';
import { redact } from '../../domain/redact.ts';
import { Stopped } from '../../domain/stop.ts';
import { StreamTrials } from '../../learning/watch/stream-trials.ts';
import { AdapterStore } from '../../model/adapter-store.ts';
import type { DaemonControl } from '../../output/http/control.ts';
import { refuseUnguarded, startHttpServer } from '../../output/http/server.ts';
import { readToken } from '../../output/http/token.ts';
import { logStop, serviceLog, type Log } from '../../output/log-happenings.ts';
import { createLogger } from '../../output/logger.ts';
import { createMetrics, type Metrics } from '../../output/metrics/metrics.ts';
import { Sinks } from '../../output/sinks/sinks.ts';
import { StreamBoard } from '../../output/stream-board.ts';
import { Ledger } from '../../pipeline/ledger.ts';
import { fitCommand } from '../adapters/fit-command.ts';
import { FitQueue } from '../adapters/fit-queue.ts';
import { LatencyGoal } from '../adapters/latency-goal.ts';
import { configuredEngine, configuredFfmpeg } from '../configured-parts.ts';
import { onTimer } from '../every.ts';
import { ffmpegSources } from '../stream/sources.ts';
import { createNotifier, type ServiceNotifier } from '../systemd/systemd-notify.ts';
import { startWatchdog } from '../systemd/watchdog.ts';
import { eventLoopDelays, EventLoopLag } from './event-loop-lag.ts';
import { coalesced } from './coalesced.ts';
import { createLiveness } from './liveness.ts';
import { Service } from './service.ts';
import { serviceControl } from './service-control.ts';

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
const heartbeatMs = 10_000;
const lookMs = 1000;

/** Resolves when it has been stopped, or all its streams were files that have ended. */
export async function runService(config: Config, options: ServiceOptions): Promise<void> {
  const { load, notices, path: configPath, signal, onReloadSignal } = options;
  await using stack = new DisposeStack();
  const happenings = new Happenings();
  const metrics = createMetrics({ clock, build: build() });
  const log = openLog(config, happenings);
  logStop(log, signal);
  // What nobody has caught ends the program, which is main.ts's part; the log says why.
  const fault = (error: unknown) => log.fatal({ err: error }, 'a fault of edge-cls, please report it');
  process.prependListener('uncaughtException', fault);
  stack.defer(() => process.off('uncaughtException', fault));
  const board = new StreamBoard(clock);
  const goal = new LatencyGoal(() => service.config.fitting.latency_goal_seconds, clock);
  for (const subscriber of [metrics.subscriber, board.subscriber, goal.subscriber, serviceLog(log)]) {
    happenings.subscribe(subscriber);
  }
  for (const sentence of notices) happenings.tell({ type: 'trouble', sentence });
  const notifier = createNotifier({ onTrouble: (sentence) => happenings.tell({ type: 'trouble', sentence }) });
  signal.addEventListener('abort', () => void notifier.stopping(), { once: true });
  const sinks = stack.use(
    await Sinks.open(config.sinks, {
      clock,
      stdout: process.stdout,
      tell: (sentence) => happenings.tell({ type: 'trouble', sentence }),
      patienceSeconds: sinkPatienceSeconds,
    }),
  );
  happenings.subscribe(sinks.subscriber);
  metrics.sinks.read(sinks);
  // What can be told of the configuration is told before models are loaded.
  const { enabled, host, token_file: tokenFile } = config.http;
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

  const lag = stack.use(new EventLoopLag(stack.use(eventLoopDelays())));
  const missingSigns = createLiveness(
    {
      eventLoopLagSeconds: () => lag.read(),
      deviceHeartbeats: () => service.check.heartbeats,
      streamsExpectedLive: () => board.count('live'),
      framesDecided: () => board.names().reduce((sum, name) => sum + ledger.counts(name).classified, 0),
    },
    clock,
  );
  // It notices what moves when it looks, so it looks also while nobody asks.
  stack.defer(onTimer(lookMs, missingSigns));
  let needsRestart: readonly string[] = [];
  happenings.subscribe(handlers({ config_reloaded: (reload) => (needsRestart = reload.needsRestart ?? needsRestart) }));
  const tellStatus = () => notifier.status(statusText(board, needsRestart));
  const everyStatus = ({ output }: Config) => onTimer(1000 * Math.max(1, output.status_interval_seconds), tellStatus);
  let noStatus = everyStatus(config);
  stack.defer(() => noStatus());
  const take = async (next: Config) => {
    await sinks.replace(next.sinks);
    log.level = next.log.level;
    noStatus();
    noStatus = everyStatus(next);
  };
  const control = serviceControl({ service, board, ledger, load, missingSigns, take, happenings });
  if (config.http.enabled) {
    const http = stack.use(await startHttp(config.http, token, control, metrics, log));
    log.info(`HTTP on ${http.host} port ${http.port}`);
  }
  const failing = new AbortController();
  stack.use(
    startWatchdog({
      seconds: notifier.watchdogSeconds,
      check: missingSigns,
      ping: () => notifier.watchdog(),
      onWithheld: (reasons) => log.error(`no sign of life for the service manager: ${reasons.join('; ')}`),
    }),
  );
  const beat = () =>
    service.check.beat().catch((error: unknown) => {
      const cause = new Error('the device does not work any more', { cause: error });
      failing.abort(new Stopped('failure', { cause }));
    });
  stack.defer(onTimer(heartbeatMs, beat));
  await service.check.beat();
  await notifier.ready(statusText(board, needsRestart));
  const reload = coalesced(() => reloadFor(notifier, control, () => statusText(board, needsRestart)));
  stack.use(
    onReloadSignal(() => {
      void sinks.reopen();
      void reload();
    }),
  );
  if (config.streams.length === 0) log.warn('there are no streams: add some to the configuration and reload it');
  await service.run(AbortSignal.any([signal, failing.signal]));
  if (failing.signal.aborted) throw (failing.signal.reason as Stopped).cause;
}

/** The manager is told of the end of a reload, also where the configuration was refused. */
async function reloadFor(notifier: ServiceNotifier, control: DaemonControl, status: () => string): Promise<void> {
  await notifier.reloading();
  const end = await control
    .reload()
    .then(status, (error: unknown) =>
      redact(`configuration refused: ${error instanceof Error ? error.message : String(error)}`),
    );
  await notifier.ready(end);
}

function startHttp(
  { host, port }: Config['http'],
  token: string | undefined,
  control: DaemonControl,
  metrics: Metrics,
  log: Log,
) {
  return startHttpServer({
    control,
    metrics,
    redact,
    host,
    port,
    ...(token !== undefined && { token }),
    onFault: (error) => log.error({ err: error }, 'a request failed'),
  });
}

function statusText(board: StreamBoard, needsRestart: readonly string[]): string {
  const waiting = needsRestart.length > 0 ? `; needs a restart: ${needsRestart.join(', ')}` : '';
  return `${board.count('live')}/${board.names().length} streams, ${board.framesPerSecond().toFixed(0)} fps${waiting}`;
}

function openLog({ log: { level, format } }: Config, happenings: Happenings): Log {
  const automatic = process.env['JOURNAL_STREAM'] !== undefined ? 'journal' : process.stderr.isTTY ? 'text' : 'json';
  return createLogger({
    level,
    clock,
    format: format === 'auto' ? automatic : format,
    write: (line) => process.stderr.write(line),
    onMessage: (written) => happenings.tell({ type: 'logged', level: written }),
  });
}

function build() {
  return { version: packageFacts.version, commit: 'unknown' };
}
