/** A file that is open for as long as it is read. */
import { closeSync, openSync } from 'node:fs';

/** Throws where it cannot be opened, and what `read` throws. */
export function withFile<T>(path: string, read: (descriptor: number) => T): T {
  const descriptor = openSync(path, 'r');
  try {
    return read(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
