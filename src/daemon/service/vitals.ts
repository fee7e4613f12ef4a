import type { Clock } from '../../domain/clock.ts';
import type { DisposeStack } from '../../domain/dispose-stack.ts';
import { Stopped } from '../../domain/stop.ts';
import type { Log } from '../../output/log-happenings.ts';
import type { StreamBoard } from '../../output/stream-board.ts';
import type { Ledger } from '../../pipeline/ledger.ts';
import { onTimer } from '../every.ts';
import type { ServiceNotifier } from '../systemd/systemd-notify.ts';
import { startWatchdog } from '../systemd/watchdog.ts';
import { eventLoopDelays, EventLoopLag } from './event-loop-lag.ts';
import { createLiveness } from './liveness.ts';
import type { Service } from './service.ts';

export interface Vitals {
  /** A sentence for each sign of life that is missing. */
  readonly missingSigns: () => readonly string[];
  /** Aborts when the device does not come back by itself. */
  readonly hopeless: AbortSignal;
}

interface Watched {
  readonly service: Service;
  readonly board: StreamBoard;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly notifier: ServiceNotifier;
  readonly log: Log;
}

const heartbeatMs = 10_000;
const lookMs = 1000;

/** Looks for signs of life, makes the device give them, and hands them on to the service manager, until the stack is disposed of. */
export function watchVitals({ service, board, ledger, clock, notifier, log }: Watched, stack: DisposeStack): Vitals {
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
  stack.use(
    startWatchdog({
      seconds: notifier.watchdogSeconds,
      check: missingSigns,
      ping: () => notifier.watchdog(),
      onWithheld: (reasons) => log.error(`no sign of life for the service manager: ${reasons.join('; ')}`),
    }),
  );
  const failing = new AbortController();
  const beat = () =>
    service.check.beat().catch((error: unknown) => {
      const cause = new Error('the device does not work any more', { cause: error });
      failing.abort(new Stopped('failure', { cause }));
    });
  stack.defer(onTimer(heartbeatMs, beat));
  return { missingSigns, hopeless: failing.signal };
}
