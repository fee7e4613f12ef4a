/**
 * A pipe from a child that is read into one buffer. The usual `stdout` of a child gives every read a buffer of its
 * own, 64 KiB outside of V8's heap: with eight cameras of 720p they make it collect its whole heap twice a second.
 */
import { once } from 'node:events';
import { mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../domain/errors.ts';
import { outOfDescriptors, raiseLimit } from './child.ts';

export interface BytePipe {
  /** To be given to the child as one of its `stdio`, and to be destroyed then. */
  readonly end: Socket;
  /**
   * Hands every piece on, in order; the next comes when the promise is resolved, where there is one. The piece is
   * overwritten afterwards. Resolves at the end of the bytes, or when closed; rejects with what `onBytes` threw.
   */
  read(onBytes: (bytes: Uint8Array) => void | Promise<void>): Promise<void>;
  close(): void;
}

/** As much as the kernel holds for a local socket by default, so that one read can empty it. */
const bufferBytes = 256 * 1024;

/** Bytes of a local socket's path on every system; libuv cuts a longer one off without a word. */
const longestPath = 103;

/** What the system says of a folder that will not do. */
const ofFolder = new Set(['EACCES', 'ENAMETOOLONG', 'ENOENT', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS']);

/**
 * Node can read into a buffer of ours only from a socket that it connects itself: for a moment there is one to
 * connect to, in a folder that only this user can enter.
 *
 * Throws a `UserError` where the folder for temporary files does not take one, and where there are no descriptors left.
 */
export async function openBytePipe(): Promise<BytePipe> {
  const server = createServer({ pauseOnConnect: true });
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'edge-cls-pipe-'));
    const path = join(folder, 's');
    if (Buffer.byteLength(path) > longestPath) throw Object.assign(new Error('too long'), { code: 'ENAMETOOLONG' });
    server.listen(path);
    await once(server, 'listening');
    return await connected(server, path);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (outOfDescriptors.has(code))
      throw new UserError(`a decoder must have a pipe, but ${raiseLimit}`, { cause: error });
    if (!ofFolder.has(code)) throw error;
    throw new UserError(
      `the folder for temporary files must be writable and its path shorter than 80 characters, ` +
        `${tmpdir()} is not (${message}): set TMPDIR to another`,
    );
  } finally {
    server.close();
    if (folder !== undefined) remove(folder);
  }
}

/** Without a descriptor, which a recursive removal takes. */
function remove(folder: string): void {
  rmSync(join(folder, 's'), { force: true });
  rmdirSync(folder);
}

/** Where the system has none left, it takes the connection and drops it without a word. */
const acceptMs = 10_000;

async function connected(server: Server, path: string): Promise<BytePipe> {
  const accepted = once(server, 'connection', { signal: AbortSignal.timeout(acceptMs) }) as Promise<[Socket]>;
  accepted.catch(() => undefined);
  let onBytes: (bytes: Uint8Array) => void | Promise<void> = () => undefined;
  let failure: Error | undefined;
  const fail = (error: unknown) => {
    failure ??= error instanceof Error ? error : new Error(String(error));
    socket.destroy();
  };
  const take = (count: number, buffer: Uint8Array): boolean => {
    try {
      const wait = onBytes(buffer.subarray(0, count));
      if (wait === undefined) return true;
      wait.then(() => socket.resume(), fail);
    } catch (error) {
      fail(error);
    }
    return false;
  };
  const socket = connect({ path, onread: { buffer: new Uint8Array(bufferBytes), callback: take } }).pause();
  socket.on('error', fail);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  let end: Socket;
  try {
    await once(socket, 'connect');
    [end] = await accepted;
  } catch (error) {
    socket.destroy();
    const { name } = error as Error;
    throw name === 'AbortError'
      ? Object.assign(new Error('not accepted', { cause: error }), { code: 'EMFILE' })
      : error;
  }
  return {
    end,
    read: async (next) => {
      onBytes = next;
      socket.resume();
      await closed;
      if (failure) throw failure;
    },
    close: () => socket.destroy(),
  };
}
