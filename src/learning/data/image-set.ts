/** Pictures at the classifier's size, on disk: what the frames of a set would be after the resize of training. */
import type { Size } from '../../domain/frame.ts';
import { RecordFile } from './record-file.ts';

export interface ImageSet extends AsyncDisposable {
  readonly length: number;
  /** float32 [3, height, width], R, G, B, 0 to 1. */
  read(index: number): Promise<Float32Array<ArrayBuffer>>;
}

export class ImageFile implements ImageSet {
  readonly #records: RecordFile;

  private constructor(records: RecordFile) {
    this.#records = records;
  }

  static async create({ width, height }: Size): Promise<ImageFile> {
    return new ImageFile(await RecordFile.create(4 * 3 * width * height));
  }

  get length(): number {
    return this.#records.length;
  }

  append({ buffer, byteOffset, byteLength }: Float32Array): Promise<void> {
    return this.#records.append(new Uint8Array(buffer, byteOffset, byteLength));
  }

  async read(index: number): Promise<Float32Array<ArrayBuffer>> {
    return new Float32Array((await this.#records.read(index)).buffer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#records[Symbol.asyncDispose]();
  }
}
