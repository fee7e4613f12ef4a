import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { ConfigurationError } from '../../domain/errors.ts';
import { codeOf, type Appended, type LineDestination } from './line-destination.ts';

/** A named pipe that is full refuses, instead of keeping a thread until someone reads. */
const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

interface OpenFile {
  readonly handle: FileHandle;
  /** Not a device or a pipe: it has an end, which can be looked at and cut. */
  readonly regular: boolean;
}

/**
 * A file that is appended to, followed by its path: when the file was moved or removed (logrotate's
 * `create`), the path is opened anew. What was emptied (`copytruncate`) is written from its new
 * end, as appending does by itself.
 *
 * A full disk takes part of a line; that part is cut off again. Where that cannot be had, and after
 * a crash, the part becomes a line of its own, so that it spoils no other.
 */
export class LineFile implements LineDestination {
  readonly name: string;
  #file: OpenFile;
  /** The last line may have no end. */
  #torn: boolean;

  private constructor(path: string, file: OpenFile) {
    this.name = path;
    this.#file = file;
    this.#torn = file.regular;
  }

  /** @throws ConfigurationError when the file cannot be opened */
  static async open(path: string): Promise<LineFile> {
    try {
      return new LineFile(path, await openFile(path));
    } catch (cause) {
      throw new ConfigurationError(
        `The events file ${path} must be a file that can be written, but it cannot be opened (${codeOf(cause)}): check the path and its permissions`,
        { cause },
      );
    }
  }

  async append(lines: readonly string[]): Promise<Appended> {
    try {
      if (await this.#moved()) await this.reopen();
      return await this.#write(lines);
    } catch (error) {
      return { written: 0, error };
    }
  }

  async reopen(): Promise<void> {
    const { handle } = this.#file;
    this.#file = await openFile(this.name);
    this.#torn = this.#file.regular;
    await handle.close();
  }

  close(): Promise<void> {
    return this.#file.handle.close();
  }

  async #moved(): Promise<boolean> {
    const held = await this.#file.handle.stat();
    const there = await stat(this.name).catch(() => undefined);
    return there?.ino !== held.ino || there.dev !== held.dev;
  }

  async #write(lines: readonly string[]): Promise<Appended> {
    const { handle, regular } = this.#file;
    const lead = this.#torn && !(regular && (await endsWhole(handle))) ? '\n' : '';
    const bytes = Buffer.from(lead + lines.join(''));
    let taken = 0;
    try {
      while (taken < bytes.length) taken += (await handle.write(bytes, taken)).bytesWritten;
      this.#torn = false;
      return { written: lines.length };
    } catch (error) {
      const { written, end } = wholeLines(lines, lead.length, taken);
      const part = bytes.subarray(Math.min(end, taken), taken);
      const cut = part.length === 0 || (regular && (await cutBack(handle, part).catch(() => false)));
      this.#torn = !cut || taken < lead.length;
      return { written, error };
    }
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, flags);
  return { handle, regular: (await handle.stat()).isFile() };
}

async function endsWhole(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return true;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() === '\n';
}

/** How many lines lie within the first `bytes`, the first of them from `start` on, and where the last of these ends. */
function wholeLines(lines: readonly string[], start: number, bytes: number): { written: number; end: number } {
  let end = start;
  let written = 0;
  for (const line of lines) {
    const next = end + Buffer.byteLength(line);
    if (next > bytes) break;
    end = next;
    written++;
  }
  return { written, end };
}

/** Takes `part` off the end of the file, if it is its end: another program may write there, or have emptied it. */
async function cutBack(file: FileHandle, part: Buffer): Promise<boolean> {
  const start = (await file.stat()).size - part.length;
  if (start < 0) return false;
  const { buffer } = await file.read(Buffer.alloc(part.length), 0, part.length, start);
  if (!buffer.equals(part)) return false;
  await file.truncate(start);
  return true;
}
