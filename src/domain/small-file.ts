import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** More than any configuration, token, card or adapter has. */
const mostBytes = 16 * 2 ** 20;

/**
 * The bytes of a file that can only be small. A pipe or a device, which may be silent or without an
 * end, is refused without being waited for.
 *
 * @throws Error with a `code`: that of the system, or why it is no small file
 */
export async function readSmallFile(path: string): Promise<Buffer> {
  // Opening a pipe would otherwise wait for a writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw refused(path, 'is a directory');
    if (!stats.isFile()) throw refused(path, 'is no regular file');
    if (stats.size > mostBytes) throw refused(path, `is larger than ${mostBytes / 2 ** 20} MiB`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

function refused(path: string, code: string): Error {
  return Object.assign(new Error(`${path} ${code}`), { code });
}
