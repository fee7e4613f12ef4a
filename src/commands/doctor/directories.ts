/** Directories that are written to: may we, and is there room? */
import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Finding } from './finding.ts';

const mebibyte = 1024 ** 2;

export interface DirectoryNeeds {
  readonly check: string;
  readonly path: string;
  /** Bytes below which it does not work. */
  readonly needed: number;
  /** Bytes below which it may become tight, and what takes them. */
  readonly wanted: number;
  readonly for: string;
}

/** A directory that is not there yet is judged by the one in which it would be made. */
export async function directoryFinding({ check, path, needed, wanted, ...use }: DirectoryNeeds): Promise<Finding> {
  const existing = await nearestExisting(path);
  const where = existing === path ? path : `${path} (to be made in ${existing})`;
  if (!(await isWritable(existing))) {
    return {
      check,
      verdict: 'failed',
      says: `${where} must be writable, but it is not: change its owner, or run as the user that it belongs to`,
    };
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const says = `${where} is writable, ${Math.floor(free / mebibyte).toLocaleString('en')} MiB are free`;
  if (free >= wanted) return { check, verdict: 'ok', says };
  const remedy = `${use.for} may take ${(Math.max(needed, wanted) / mebibyte).toLocaleString('en')} MiB: make room`;
  return { check, verdict: free < needed ? 'failed' : 'note', says: `${says}; ${remedy}` };
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await access(path);
    return path;
  } catch {
    return dirname(path) === path ? path : nearestExisting(dirname(path));
  }
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
