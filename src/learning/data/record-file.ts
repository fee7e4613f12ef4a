/** Records of one length in a temporary file. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The file has no name: it is removed from its directory as soon as it is open, so that not even
 * a kill leaves it behind. The system's temporary directory must have room for all records.
 */
export class RecordFile implements AsyncDisposable {
  readonly recordBytes: number;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #length = 0;

  private constructor(file: FileHandle, recordBytes: number) {
    this.#file = file;
    this.recordBytes = recordBytes;
  }

  static async create(recordBytes: number): Promise<RecordFile> {
    const path = join(tmpdir(), `edge-cls-${randomBytes(6).toString('hex')}.records`);
    const file = await open(path, 'wx+');
    await rm(path);
    return new RecordFile(file, recordBytes);
  }

  get length(): number {
    return this.#length;
  }

  /** sha256 of all bytes so far, hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** The record may be used again when it resolves. */
  async append(record: Uint8Array): Promise<void> {
    this.#assertLength(record);
    this.#hash.update(record);
    let written = 0;
    while (written < record.length) {
      const position = this.#length * this.recordBytes + written;
      written += (await this.#file.write(record, written, record.length - written, position)).bytesWritten;
    }
    this.#length++;
  }

  async read(index: number, into = new Uint8Array(this.recordBytes)): Promise<Uint8Array<ArrayBuffer>> {
    if (!Number.isInteger(index) || index < 0 || index >= this.#length) {
      throw new RangeError(`the index must be 0 to ${this.#length - 1}, it was ${index}`);
    }
    this.#assertLength(into);
    let filled = 0;
    while (filled < into.length) {
      const position = index * this.recordBytes + filled;
      const { bytesRead } = await this.#file.read(into, filled, into.length - filled, position);
      if (bytesRead === 0) throw new Error('the temporary file is shorter than what was written to it');
      filled += bytesRead;
    }
    return into;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  #assertLength({ length }: Uint8Array): void {
    if (length !== this.recordBytes) throw new Error(`a record must have ${this.recordBytes} bytes, it has ${length}`);
  }
}
