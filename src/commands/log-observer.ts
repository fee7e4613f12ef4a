import type { StreamObserver } from '../daemon/stream-observer.ts';
import type { createLogger } from '../output/logger.ts';

export type Log = ReturnType<typeof createLogger>;

/** What happens to the streams, as messages: changes, never single frames. */
export function logObserver(log: Log): Partial<StreamObserver> {
  return {
    state: (stream, state, reason) => {
      const text = `${stream}: ${state}${reason === undefined ? '' : ` (${reason})`}`;
      if (state === 'failed') log.error(text);
      else if (state === 'stalled' || state === 'backing_off') log.warn(text);
      else if (state === 'connecting') log.debug(text);
      else log.info(text);
    },
    resolutionChanged: (stream, { width, height }) => log.info(`${stream}: the source is ${width}x${height} now`),
    planned: ({ name, info, choice: { geometry }, bundle, adapterId }) =>
      log.info(
        `${name}: ${info.codec} ${info.display.width}x${info.display.height} → ${geometry.grid.width}x${geometry.grid.height}, adapter ${adapterId}, ${bundle.card.name}`,
      ),
    adapterActive: ({ name }, id) => log.debug(`${name}: adapter ${id}`),
    fitStarted: (stream) => log.info(`${stream}: a front end is being fitted`),
    fitEnded: (stream, seconds, failure) => {
      const text = `${stream}: the fit ended after ${seconds.toFixed(0)} s`;
      if (failure === undefined) log.info(text);
      else log.warn(`${text} without a result: ${failure}`);
    },
    decoder: ({ hardware, reason }, { name }) => log.debug(`${name}: decoded by ${hardware} (${reason})`),
    event: ({ stream, label, kind, probability }) =>
      log.info(`${stream}: ${label} ${kind} (${probability.toFixed(2)})`),
    trouble: (stream, sentence) => log.warn(`${stream}: ${sentence}`),
    fault: (stream, error) => log.error({ err: error }, `${stream}: a fault of edge-cls, please report it`),
  };
}
