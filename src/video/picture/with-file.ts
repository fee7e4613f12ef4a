/** A file that is open for as long as it is read. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Throws where it cannot be opened, and what `read` throws. */
export function withFile<T>(path: string, read: (descriptor: number) => T): T {
  const descriptor = openSync(path, 'r');
  try {
    return read(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** So many bytes at a place; fewer at the end of the file. */
export function readAt(descriptor: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, at));
}
