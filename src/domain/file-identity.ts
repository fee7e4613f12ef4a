/** Whether two paths lead to one file: through links, hard links, another spelling, a descriptor. */
import { readlinkSync, realpathSync, statSync, type Stats } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Links to links that end nowhere. */
const mostLinks = 40;

/** The same for all names of one file or pipe, also of a file that is not there yet; a device is what it is called. */
export function fileIdentity(path: string): string {
  const absolute = resolve(path);
  const stats = statsOf(absolute);
  if (stats?.isCharacterDevice() === true) return absolute;
  return stats ? `${stats.dev}:${stats.ino}` : placeOf(absolute);
}

export function isStandardOutput(path: string): boolean {
  return path === '-' || fileIdentity(path) === fileIdentity('/dev/stdout');
}

/** Where a file would be made. */
function placeOf(path: string, links = 0): string {
  const target = orUndefined(() => readlinkSync(path));
  if (target !== undefined && links < mostLinks) return placeOf(resolve(dirname(path), target), links + 1);
  return join(orUndefined(() => realpathSync(dirname(path))) ?? dirname(path), basename(path));
}

function statsOf(path: string): Stats | undefined {
  return orUndefined(() => statSync(path));
}

function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
