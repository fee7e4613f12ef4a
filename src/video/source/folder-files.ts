/** The files below a folder, whatever links and permissions there are. */
import { readdirSync, statSync, type Stats } from 'node:fs';
import { join, relative } from 'node:path';
import { UsageError } from '../../domain/errors.ts';

/**
 * Paths at any depth, in the order of their names below the folder. Links are followed, each directory is entered once.
 * What cannot be opened is among them: who reads it says why. Left out: hidden files and folders, sub-folders that may not
 * be read, and what is no file, such as a socket.
 *
 * Throws a UsageError where the folder itself cannot be read.
 */
export function folderFiles(folder: string): string[] {
  const files: string[] = [];
  const entered = new Set<string>();
  const enter = (directory: string) => {
    const stats = statsOf(directory);
    const identity = `${stats?.dev} ${stats?.ino}`;
    if (entered.has(identity)) return;
    entered.add(identity);
    for (const entry of entriesOf(directory, folder)) {
      if (entry.name.startsWith('.')) continue;
      const path = join(directory, entry.name);
      const what = entry.isSymbolicLink() ? statsOf(path) : entry;
      if (what?.isDirectory() === true) enter(path);
      else if (what === undefined || what.isFile()) files.push(path);
    }
  };
  enter(folder);
  const names = new Map(files.map((file) => [file, relative(folder, file)]));
  return files.sort((a, b) => ((names.get(a) ?? '') < (names.get(b) ?? '') ? -1 : 1));
}

function entriesOf(directory: string, folder: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (cause) {
    if (directory !== folder) return [];
    throw new UsageError(`the folder ${folder} must be one that can be read, but cannot be opened`, { cause });
  }
}

/** Undefined for a link that leads nowhere, and for what cannot be looked at. */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
