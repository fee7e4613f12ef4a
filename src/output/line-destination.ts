import { open, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { UserError } from '../domain/errors.ts';

/** Where lines go. */
export interface LineDestination {
  /** For errors: the path, or `standard output`. */
  readonly name: string;
  /** Writes all of `text`, whole lines, or none of it as far as that can be had; rejects with the system's error. */
  append(text: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A file that is appended to. A line that a crash had cut is closed first, so that it spoils no
 * line of this run.
 *
 * @throws UserError when the file cannot be opened
 */
export async function fileDestination(path: string): Promise<LineDestination> {
  let file: FileHandle;
  try {
    file = await open(path, 'a+');
  } catch (cause) {
    throw new UserError(
      `The events file ${path} must be a file that can be written, but it cannot be opened (${codeOf(cause)}): check the path and its permissions`,
      { cause },
    );
  }
  const regular = (await file.stat()).isFile();
  if (regular && !(await endsWhole(file))) await file.appendFile('\n');
  return {
    name: path,
    append: (text) => (regular ? appendWhole(file, text) : file.appendFile(text)),
    close: () => file.close(),
  };
}

async function endsWhole(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n';
}

/** A full disk takes part of a line; that part is cut off again. */
async function appendWhole(file: FileHandle, text: string): Promise<void> {
  const { size } = await file.stat();
  try {
    await file.appendFile(text);
  } catch (error) {
    // The first error is the one to tell.
    await file.truncate(size).catch(() => undefined);
    throw error;
  }
}

/** A stream that someone else opened and will close, such as standard output. */
export function streamDestination(stream: Writable, name: string): LineDestination {
  // Errors are taken from the callbacks; without a listener they would end the program as well.
  const ignore = () => undefined;
  stream.on('error', ignore);
  return {
    name,
    append: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => {
      stream.off('error', ignore);
      return Promise.resolve();
    },
  };
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
