/**
 * A pipe from a child that is read into one buffer. The usual `stdout` of a child gives every read a buffer of its
 * own, 64 KiB outside of V8's heap: with eight cameras of 720p they make it collect its whole heap twice a second.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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

/** Node can read into a buffer of ours only from a socket that it connects itself. */
export async function openBytePipe(): Promise<BytePipe> {
  const path = join(mkdtempSync(join(tmpdir(), 'edge-cls-pipe-')), 'socket');
  const server = createServer({ pauseOnConnect: true });
  try {
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
    return await connected(server, path);
  } finally {
    server.close();
    rmSync(join(path, '..'), { recursive: true, force: true });
  }
}

async function connected(server: Server, path: string): Promise<BytePipe> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
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
  await once(socket, 'connect');
  socket.on('error', fail);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const [end] = await accepted;
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
