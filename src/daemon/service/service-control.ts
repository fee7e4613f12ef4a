/** What the HTTP interface, the service manager and signals ask of a service. */
import { reloaded } from '../../config/changes.ts';
import type { Config } from '../../config/schema.ts';
import { UserError } from '../../domain/errors.ts';
import { sizeText } from '../../domain/frame.ts';
import type { Happenings } from '../../domain/happenings.ts';
import type { DaemonControl, Health, ReloadReport, StreamStatus } from '../../output/http/control.ts';
import type { StreamBoard } from '../../output/stream-board.ts';
import type { Ledger } from '../../pipeline/ledger.ts';
import { coalesced } from './coalesced.ts';
import type { Service } from './service.ts';
import type { SupervisedStream } from '../stream/supervised-stream.ts';

export interface ControlParts {
  readonly service: Service;
  readonly board: StreamBoard;
  readonly ledger: Ledger;
  /** Reads the configuration; throws what is wrong with it. */
  readonly load: () => Promise<Config>;
  /** A sentence for each sign of life that is missing. */
  readonly missingSigns: () => readonly string[];
  /** Makes a configuration hold for what is not the streams'. Throws, and changes nothing, where that cannot be. */
  readonly take: (config: Config) => Promise<void>;
  readonly happenings: Happenings;
}

export function serviceControl(parts: ControlParts): DaemonControl {
  const { service, board, ledger } = parts;
  const reload = coalesced(() => reloadOnce(parts));
  return {
    health: () => Promise.resolve(healthOf([...parts.missingSigns(), ...deviceTrouble(service)])),
    readiness: () =>
      Promise.resolve(
        healthOf([
          ...(service.stopping ? ['The daemon is stopping'] : []),
          ...(service.check.verified ? [] : ['The golden test has not passed yet']),
          ...deviceTrouble(service),
        ]),
      ),
    streams: () => Promise.resolve(board.names().map((name) => statusOf(service.stream(name), board, ledger))),
    pause: (name) => done(() => service.stream(name).pause()),
    resume: (name) => done(() => service.stream(name).resume()),
    restart: (name) => done(() => service.stream(name).restart()),
    activateAdapter: async (name, digest) => {
      const stream = service.stream(name);
      stream.useAdapter(await service.adapters.activate(planOf(stream), digest), 'applied');
    },
    rollBackAdapter: async (name) => {
      const stream = service.stream(name);
      stream.useAdapter(await service.adapters.rollBack(planOf(stream)), 'rolled_back');
    },
    reload,
  };
}

async function reloadOnce({ load, service, take, happenings }: ControlParts): Promise<ReloadReport> {
  try {
    const { config, taken, needsRestart } = reloaded(service.config, await load());
    await using prepared = await service.prepare(config);
    await take(config);
    const changes = service.apply(prepared);
    await service.refreshAdapters();
    // A bundle may be another without a word in the configuration.
    const applied = taken.length > 0 || changes.changed.length > 0;
    happenings.tell({ type: 'config_reloaded', result: applied ? 'applied' : 'unchanged', needsRestart });
    return { ...changes, taken, needsRestart };
  } catch (error) {
    happenings.tell({ type: 'config_reloaded', result: 'rejected', error });
    throw error;
  }
}

function statusOf(stream: SupervisedStream, board: StreamBoard, ledger: Ledger): StreamStatus {
  const { config, paused, plan, adapter } = stream;
  const { received, classified, dropped } = ledger.counts(config.name);
  const entry = board.read(config.name);
  const { reason, native, age, lastFrameAt, best } = entry ?? {};
  return {
    name: config.name,
    state: entry?.state ?? 'connecting',
    paused,
    source: config.source,
    framesPerSecond: entry?.framesPerSecond ?? 0,
    framesReceived: received,
    framesClassified: classified,
    framesDropped: dropped,
    ...(reason !== undefined && { reason }),
    ...(native && { native }),
    ...(age && { ageP99Seconds: age.p99 }),
    ...(plan && adapter && { adapter: { digest: adapter.id, resolution: sizeText(plan.info.native) } }),
    ...(lastFrameAt && { lastFrameAt: lastFrameAt.toISOString() }),
    ...(best && { lastPrediction: { ...best, at: best.at.toISOString() } }),
  };
}

function planOf({ plan, config }: SupervisedStream) {
  if (plan) return plan;
  throw new UserError(`the stream ${config.name} must have been connected once, so that its geometry is known`);
}

function deviceTrouble({ check: { trouble } }: Service): string[] {
  return trouble === undefined ? [] : [trouble];
}

function healthOf(reasons: readonly string[]): Health {
  return { ok: reasons.length === 0, reasons };
}

function done(action: () => void): Promise<void> {
  return new Promise((resolve) => {
    action();
    resolve();
  });
}
