/** `edge-cls run -c FILE` as a service: streams that come back, HTTP, metrics, the service manager, reload. */
import type { Config } from '../config/schema.ts';
import { stateDirectory } from '../config/state-directory.ts';
import { createEventLoopLag } from '../daemon/service/event-loop-lag.ts';
import { FitQueue, type FitCommand } from '../daemon/adapters/fit-queue.ts';
import { LatencyGoal } from '../daemon/adapters/latency-goal.ts';
import { createLiveness } from '../daemon/service/liveness.ts';
import { metricsObserver } from '../daemon/metrics-observer.ts';
import { Service } from '../daemon/service/service.ts';
import { serviceControl } from '../daemon/service/service-control.ts';
import { StreamBoard } from '../daemon/service/stream-board.ts';
import { observers } from '../daemon/stream-observer.ts';
import { createNotifier, type ServiceNotifier } from '../daemon/systemd/systemd-notify.ts';
import { startWatchdog } from '../daemon/systemd/watchdog.ts';
import { systemClock } from '../domain/clock.ts';
import { packageFacts } from '../domain/package-root.ts';
import { redact } from '../domain/redact.ts';
import { StreamTrials } from '../learning/watch/stream-trials.ts';
import { AdapterStore } from '../model/adapter-store.ts';
import type { DaemonControl } from '../output/http/control.ts';
import { startHttpServer } from '../output/http/server.ts';
import { readToken } from '../output/http/token.ts';
import { openJsonLines } from '../output/json-lines.ts';
import { createLogger } from '../output/logger.ts';
import { createMetrics, type Metrics } from '../output/metrics/metrics.ts';
import { Ledger } from '../pipeline/ledger.ts';
import { configuredEngine, configuredFfmpeg } from './configured-parts.ts';
import { every } from './every.ts';
import { logObserver, type Log } from './log-observer.ts';
import { onReloadSignal } from './signals.ts';

export interface ServiceOptions {
  /** Reads the configuration anew; throws what is wrong with it. */
  readonly load: () => Promise<Config>;
  /** Of its file. */
  readonly path: string;
  /** Ends the service. */
  readonly signal: AbortSignal;
}

const clock = systemClock;
const eventsFile = 'events_file';
const heartbeatSeconds = 10;

/** Resolves when it has been stopped, or all its streams were files that have ended. */
export async function runService(config: Config, { load, path: configPath, signal }: ServiceOptions): Promise<void> {
  const metrics = createMetrics({ sinks: config.output.events_file === null ? [] : [eventsFile] });
  const log = serviceLog(config, metrics);
  const notifier = createNotifier({ onTrouble: (sentence) => log.warn(sentence) });
  signal.addEventListener('abort', () => void notifier.stopping(), { once: true });
  const path = config.output.events_file;
  await using sink =
    path === null
      ? undefined
      : await openJsonLines(path, {
          ...{ stdout: process.stdout, clock },
          onError: (error) => {
            metrics.eventFailed(eventsFile, 'io');
            log.error(error.message);
          },
        });
  const ffmpeg = await configuredFfmpeg(config);
  await using engine = await configuredEngine(config);
  tellDevice(config, engine.report, metrics, log);
  const ledger = new Ledger(
    (stream, reason, count) => metrics.frameDropped(stream, reason, count),
    (stream, count) => {
      for (let i = 0; i < count; i++) metrics.frameReceived(stream);
    },
  );
  const board = new StreamBoard(clock);
  const goal = new LatencyGoal(config.fitting.latency_goal_seconds, clock);
  const observer = observers(metricsObserver(metrics, clock), board.observer, logObserver(log), {
    prediction: (prediction, plan) => {
      goal.decided((prediction.decidedAt - prediction.capturedAt) / 1000);
      if (config.output.every_frame) sink?.prediction(prediction, plan.bundle.card.output.labels);
    },
    event: (event) => {
      sink?.event(event);
      if (sink) metrics.eventPublished(eventsFile);
    },
  });
  const state = stateDirectory(config.state_directory);
  await using fits = new FitQueue({
    clock,
    command: (stream) => fitCommand(stream, { state, device: config.device, configPath }),
    calm: () => goal.met,
    onStarted: (stream) => observer.fitStarted(stream),
    onEnded: (stream, seconds, failure) => {
      observer.fitEnded(stream, seconds, failure);
      service.fitEnded(stream);
    },
  });
  // It has to be gone as soon as the streams.
  signal.addEventListener('abort', () => void fits[Symbol.asyncDispose](), { once: true });
  await using trials = new StreamTrials(engine, state, clock);
  await using service = new Service({
    watch: { trials, calm: () => goal.met },
    ...{ config, engine, ffmpeg, clock, ledger, random: Math.random, observer, fits },
    store: new AdapterStore(state, clock),
    onClassified: (seconds) => metrics.stageObserved('backbone', seconds),
    onBatch: (size) => metrics.batchObserved(size),
    onFrontEnd: (seconds) => metrics.stageObserved('frontend', seconds),
  });
  await service.prepare(config);

  using lag = createEventLoopLag();
  const missingSigns = createLiveness(
    {
      eventLoopLagSeconds: () => lag.read(),
      deviceHeartbeats: () => service.check.heartbeats,
      streamsExpectedLive: () => board.count('live'),
      framesDecided: () => board.names().reduce((sum, name) => sum + ledger.counts(name).classified, 0),
    },
    clock,
  );
  const control = serviceControl({
    ...{ service, board, ledger, load, missingSigns },
    onReload: (result, error) => {
      metrics.configReloaded(result, clock.date().getTime() / 1000);
      if (error === undefined) log.info(`configuration read again: ${result}`);
      else log.error({ err: error }, 'the configuration was refused, the one before stays');
    },
  });
  await using http = config.http.enabled ? await startHttp(config, control, metrics, log) : undefined;
  if (http) log.info(`HTTP on ${http.host} port ${http.port}`);
  const failing = new AbortController();
  let failure: Error | undefined;
  const helpers = [
    onReloadSignal(() => void reload(control, notifier)),
    startWatchdog({
      seconds: notifier.watchdogSeconds,
      check: missingSigns,
      ping: () => notifier.watchdog(),
      onWithheld: (reasons) => log.error(`no sign of life for the service manager: ${reasons.join('; ')}`),
    }),
    every(heartbeatSeconds, () =>
      service.check.beat().catch((error: unknown) => {
        failure = new Error('the device does not work any more', { cause: error });
        failing.abort();
      }),
    ),
    every(Math.max(1, config.output.status_interval_seconds), () => notifier.status(statusText(board))),
  ];
  try {
    await service.check.beat();
    await notifier.ready(statusText(board));
    if (config.streams.length === 0) log.warn('there are no streams: add some to the configuration and reload it');
    await service.run(AbortSignal.any([signal, failing.signal]));
  } finally {
    for (const helper of helpers) helper[Symbol.dispose]();
  }
  await sink?.flush();
  if (failure !== undefined) throw failure;
}

/** The device and the state are those of the service, also where its command line or the environment said so. */
function fitCommand(
  stream: string,
  {
    state,
    device,
    configPath,
  }: { readonly state: string; readonly device: Config['device']; readonly configPath: string },
): FitCommand {
  const options = ['--config', configPath, '--stream', stream, '--state', state];
  return {
    path: process.execPath,
    args: [...process.execArgv, process.argv[1] ?? '', 'adapt', '--offer', ...options],
    env: { ...process.env, EDGE_CLS_DEVICE: device },
  };
}

/** The manager is told of the end of a reload, also where the configuration was refused. */
async function reload(control: DaemonControl, notifier: ServiceNotifier): Promise<void> {
  await notifier.reloading();
  const status = await control.reload().then(
    () => undefined,
    (error: unknown) => redact(`configuration refused: ${error instanceof Error ? error.message : String(error)}`),
  );
  await notifier.ready(status);
}

async function startHttp({ http }: Config, control: DaemonControl, metrics: Metrics, log: Log) {
  const { host, port, token_file: file } = http;
  return startHttpServer({
    ...{ control, metrics, redact, host, port },
    ...(file !== null && { token: await readToken(file) }),
    onFault: (error) => log.error({ err: error }, 'a request failed'),
  });
}

function statusText(board: StreamBoard): string {
  return `${board.count('live')}/${board.names().length} streams, ${board.framesPerSecond().toFixed(0)} fps`;
}

function serviceLog({ log: { level, format } }: Config, metrics: Metrics): Log {
  const automatic = process.env['JOURNAL_STREAM'] !== undefined ? 'journal' : process.stderr.isTTY ? 'text' : 'json';
  return createLogger({
    ...{ level, clock, format: format === 'auto' ? automatic : format },
    write: (line) => process.stderr.write(line),
    onMessage: (each) => metrics.logged(each),
  });
}

function tellDevice(
  config: Config,
  report: { device: string; name: string; reason: string },
  metrics: Metrics,
  log: Log,
) {
  const { device, name, reason } = report;
  log.info(`networks run on ${device} (${name}; ${reason})`);
  metrics.deviceInfo('infer', device);
  if (config.device !== 'auto') metrics.deviceRequired('infer', config.device);
  metrics.buildInfo({ version: packageFacts.version, commit: 'unknown' });
}
