import { fstatSync, write } from 'node:fs';
import { promisify } from 'node:util';

const writeTo = promisify(write);

/**
 * The connected notification socket that the wrapper of an installation hands over, if any.
 * Node.js cannot open one: it has no datagram sockets in the file system.
 */
export function inheritedDescriptor(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const descriptor = Number(env['NOTIFY_FD']);
  if (!Number.isSafeInteger(descriptor) || descriptor < 3) return undefined;
  try {
    return fstatSync(descriptor).isSocket() ? descriptor : undefined;
  } catch {
    return undefined;
  }
}

/** Sends the message from this process itself: one write is one datagram. */
export async function sendByDescriptor(descriptor: number, message: string): Promise<void> {
  await writeTo(descriptor, Buffer.from(message));
}
