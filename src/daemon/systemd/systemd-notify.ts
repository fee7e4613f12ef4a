import { sendByCommand } from './notify-command.ts';
import { inheritedDescriptor, sendByDescriptor } from './notify-descriptor.ts';

/** Tells the service manager what the daemon does, as sd_notify(3) has it. */
export interface ServiceNotifier {
  /** Start-up or a reload is done. */
  ready(status?: string): Promise<void>;
  /** A reload begins; `ready` ends it. */
  reloading(): Promise<void>;
  /** The daemon is about to end; the first thing on a stop signal. */
  stopping(): Promise<void>;
  /** One line for `systemctl status`, such as "3/4 streams, 112 fps, adapter 9f3c". */
  status(text: string): Promise<void>;
  /** A sign of life; see `startWatchdog`. */
  watchdog(): Promise<void>;
  /** How often the manager wants a sign of life, seconds; absent when it wants none. */
  readonly watchdogSeconds: number | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

export interface NotifierOptions {
  readonly env?: Environment;
  /** Told once per kind of trouble, one sentence: a service that cannot notify still serves. */
  readonly onTrouble: (sentence: string) => void;
}

/**
 * The notifier of this process. Without `NOTIFY_SOCKET` (not started by a service manager)
 * every method does nothing. Messages arrive in the order of the calls; a method that has
 * settled has delivered its message or reported why not.
 */
export function createNotifier({ env = process.env, onTrouble }: NotifierOptions): ServiceNotifier {
  const socket = env['NOTIFY_SOCKET'];
  const send = socket === undefined || socket === '' ? () => Promise.resolve() : inOrder(socket, env, onTrouble);
  return {
    ready: (status) => send(status === undefined ? ['READY=1'] : ['READY=1', statusLine(status)]),
    reloading: () => send(['RELOADING=1', `MONOTONIC_USEC=${monotonicMicroseconds()}`]),
    stopping: () => send(['STOPPING=1']),
    status: (text) => send([statusLine(text)]),
    watchdog: () => send(['WATCHDOG=1']),
    watchdogSeconds: watchdogSeconds(env),
  };
}

function inOrder(socket: string, env: Environment, onTrouble: (sentence: string) => void) {
  const said = new Set<string>();
  const say = (sentence: string) => {
    if (said.has(sentence)) return;
    said.add(sentence);
    onTrouble(sentence);
  };
  const deliver = chooseTransport(socket, env, say);
  let last = Promise.resolve();
  return (lines: readonly string[]): Promise<void> => {
    last = last
      .then(() => deliver(lines.join('\n')))
      .catch((error: unknown) => say(`The service manager cannot be notified: ${messageOf(error)}`));
    return last;
  };
}

/**
 * Through the socket that the wrapper hands over; without it through the program
 * `systemd-notify`, whose messages come from another process, which the unit must allow.
 */
function chooseTransport(
  socket: string,
  env: Environment,
  say: (sentence: string) => void,
): (message: string) => Promise<void> {
  const descriptor = inheritedDescriptor(env);
  if (descriptor !== undefined) return (message) => sendByDescriptor(descriptor, message);
  say(
    'Notifications go through the program systemd-notify, because the daemon was not started by the wrapper that "edge-cls install" writes: the unit needs NotifyAccess=all',
  );
  return (message) => sendByCommand(socket, message);
}

/** A status is one line: a line break would begin another variable. */
function statusLine(text: string): string {
  return `STATUS=${text.replace(/[\r\n]+/g, ' ').slice(0, 500)}`;
}

/** CLOCK_MONOTONIC, which is the clock of `hrtime` on Linux. */
function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n;
}

function watchdogSeconds(env: Environment): number | undefined {
  const microseconds = Number(env['WATCHDOG_USEC']);
  const pid = env['WATCHDOG_PID'];
  const forUs = pid === undefined || Number(pid) === process.pid;
  return forUs && Number.isSafeInteger(microseconds) && microseconds > 0 ? microseconds / 1e6 : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
