/** What happens as messages: changes, never single frames. */
import { clockText } from './progress.ts';
import type { PlanFacts } from '../domain/happening.ts';
import { sizeText } from '../domain/frame.ts';
import { handlers, type Handlers, type Subscriber } from '../domain/happenings.ts';
import { incompleteText } from '../domain/incomplete.ts';
import { stopBehind } from '../domain/stop.ts';
import type { createLogger } from './logger.ts';

export type Log = ReturnType<typeof createLogger>;

/** Says why a run or a service ends where a user or a service manager asked for it, which is no error there. */
export function logStop(log: Log, signal: AbortSignal): void {
  signal.addEventListener('abort', () => log.info(stopBehind(signal.reason)?.message ?? 'stopped'), { once: true });
}

/** For a service, whose log is read in a journal. */
export function serviceLog(log: Log): Subscriber {
  return handlers({
    ...common(log),
    stream_state: ({ stream, state, reason }) => {
      const text = `${stream}: ${state}${reason === undefined ? '' : ` (${reason})`}`;
      if (state === 'failed') log.error(text);
      else if (state === 'stalled' || state === 'backing_off') log.warn(text);
      else if (state === 'connecting') log.debug(text);
      else log.info(text);
    },
    resolution_changed: ({ stream, native }) => log.info(`${stream}: the source is ${sizeText(native)} now`),
    planned: ({ stream, plan: { codec, pace, display, grid, adapter, bundle } }) =>
      log.info(
        `${stream}: ${codec} ${sizeText(display)}, ${paceText(pace)} → ${sizeText(grid)}, adapter ${adapter}, ${bundle}`,
      ),
    source_seen: ({ stream, ...seen }) => {
      if (!seen.complete) log.warn(`${stream}: the source ${incompleteText(seen)}`);
    },
    adapter_active: ({ stream, id }) => log.debug(`${stream}: adapter ${id}`),
    fit_started: ({ stream }) => log.info(`${stream}: a front end is being fitted`),
    fit_ended: ({ stream, seconds, outcome, reason }) => {
      const text = `${stream}: the fit ended after ${seconds.toFixed(0)} s`;
      if (outcome === 'done') log.info(text);
      else if (outcome === 'failed') log.warn(`${text} without a result: ${reason ?? 'it did not say why'}`);
      else log.debug(`${stream}: the fit was stopped after ${seconds.toFixed(0)} s`);
    },
    event: ({ stream, event: { label, kind, probability } }) =>
      log.info(`${stream}: ${label} ${kind} (${probability.toFixed(2)})`),
    config_reloaded: ({ result, error, needsRestart = [] }) => {
      if (error !== undefined) log.error({ err: error }, 'the configuration was refused, the one before stays');
      else log.info(`configuration read again: ${result}`);
      if (needsRestart.length > 0) log.warn(`needs a restart: ${needsRestart.join(', ')}`);
    },
    device_chosen: ({ device, name, reason }) => log.info(`networks run on ${device} (${name}; ${reason})`),
  });
}

/** For `run` on sources, whose log is read beside the live view. */
export function runLog(log: Log): Subscriber {
  let device = '';
  return handlers({
    ...common(log),
    device_chosen: ({ device: kind, name, reason }) => {
      device = kind;
      log.debug(`networks run on ${kind} (${name}; ${reason})`);
    },
    planned: ({ stream, plan }) => {
      const { codec, pace, grid, strides, adapter, bundle, pictures } = plan;
      const what =
        pictures === undefined
          ? `${codec}, ${paceText(pace)}${partText(plan)}`
          : `${pictures} ${pictures === 1 ? 'picture' : 'pictures'}`;
      const fitted = adapter === 'closed_form' ? '' : `, adapter ${adapter}`;
      log.info(`${stream}: ${what}, looks at ${plan.looksAt}, ${bundle}${fitted} on ${device}`);
      const steps = `x (${strides.x.join(', ')}) y (${strides.y.join(', ')})`;
      log.debug(`${stream}: decoded to ${sizeText(grid)}, strides ${steps}, adapter ${adapter.replace('_', ' ')}`);
    },
    stream_state: ({ state, reason = '' }) => {
      if (state === 'failed') log.error(reason);
    },
    event: ({ stream, event: { label, kind, probability, presentationSeconds } }) =>
      log.info(`${stream} at ${presentationSeconds.toFixed(1)} s: ${label} ${kind} (${probability.toFixed(2)})`),
  });
}

/** So many get a line of their own. */
const namedPictures = 10;

function common(log: Log): Handlers {
  const about = (stream: string | undefined) => (stream === undefined ? '' : `${stream}: `);
  return {
    decoder_chosen: ({ stream, hardware, reason }) =>
      log.debug(`${stream}: decoded ${hardware === 'none' ? 'on the processor' : `by ${hardware}`} (${reason})`),
    trouble: ({ stream, sentence }) => log.warn(about(stream) + sentence),
    pictures_unreadable: ({ stream, pictures }) => {
      for (const { path, reason } of pictures.slice(0, namedPictures))
        log.warn(`${stream}: not classified: ${path} ${reason}`);
      const more = pictures.length - namedPictures;
      if (more > 0) log.warn(`${stream}: not classified: ${more} more that cannot be read; --json names all`);
    },
    fault: ({ stream, error }) => log.error({ err: error }, `${about(stream)}a fault of edge-cls, please report it`),
  };
}

function paceText(pace: 'whole' | 'live'): string {
  return pace === 'whole' ? 'read whole' : 'live';
}

/** From where to where, where only a part is wanted. */
function partText({ startSeconds, durationSeconds }: PlanFacts): string {
  if (startSeconds === undefined) return '';
  const from = ` from ${clockText(startSeconds)}`;
  return durationSeconds === undefined ? `${from} on` : `${from} to ${clockText(startSeconds + durationSeconds)}`;
}
