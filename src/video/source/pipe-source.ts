/** Sources that are read once: standard input, `<(…)` of a shell, a FIFO. */
import { fstatSync, realpathSync, statSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { UsageError } from '../../domain/errors.ts';
import { inheritedPipe, namedPipe, type PipeFeed } from './pipe-feed.ts';

export interface PipeSpec {
  readonly kind: 'pipe';
  readonly live: false;
  /** How it is called. */
  readonly path: string;
  readonly feed: PipeFeed;
}

/**
 * A pipe, or the path of the file that a descriptor leads to; undefined where it is neither a pipe nor a descriptor.
 *
 * Throws a UsageError for a terminal and for devices.
 */
export function parsePipe(text: string): PipeSpec | { readonly file: string } | undefined {
  const descriptor = descriptorOf(text);
  const stats = statsOf(text, descriptor);
  if (stats === undefined) return undefined;
  const isPipe = stats.isFIFO() || stats.isSocket();
  if (descriptor === undefined) {
    const path = resolve(text);
    return stats.isFIFO() ? { kind: 'pipe', live: false, path, feed: namedPipe(path) } : undefined;
  }
  const name = descriptor === 0 ? 'standard input' : text;
  if (isPipe) return { kind: 'pipe', live: false, path: name, feed: inheritedPipe(descriptor) };
  // A decoder has descriptors of its own.
  if (stats.isFile()) return { file: pathOf(descriptor) };
  const what = isatty(descriptor) ? 'is a terminal' : 'is closed, empty or a device';
  throw new UsageError(
    `${name} must be a pipe or a file with a video, but ${what}: edge-cls run - < VIDEO, or COMMAND | edge-cls run -`,
  );
}

/** The same for all names of one pipe; undefined for what can be read as often as one likes. */
export function pipeIdentity(text: string): string | undefined {
  const stats = statsOf(text, descriptorOf(text));
  return stats?.isFIFO() === true || stats?.isSocket() === true ? `${stats.dev}:${stats.ino}` : undefined;
}

function descriptorOf(text: string): number | undefined {
  if (text === '-' || text === '/dev/stdin') return 0;
  const [, number] = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** What cannot be looked at is for others to say. */
function statsOf(text: string, descriptor: number | undefined): Stats | undefined {
  try {
    return descriptor === undefined ? statSync(text) : fstatSync(descriptor);
  } catch {
    return undefined;
  }
}

function pathOf(descriptor: number): string {
  try {
    return realpathSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // It has no name any more (a here-document of a shell), but can still be opened through us.
    return `/proc/${process.pid}/fd/${descriptor}`;
  }
}
