/** Files that are chains of chunks, read without what lies between: PNG and WebP. */
import { readAt, withFile } from './with-file.ts';

/** More than EXIF may be in a JPEG, where it comes from. */
const mostBytes = 65_536;
/** Endless chains are no pictures. */
const mostChunks = 1_000_000;

interface Chain {
  /** Where the first chunk begins. */
  readonly start: number;
  /** Of the eight bytes in front of a chunk's data. */
  readonly head: (bytes: Buffer) => { readonly name: string; readonly length: number };
  /** What follows the data. */
  readonly tail: (length: number) => number;
}

/** Reference: PNG (ISO/IEC 15948), 5.3: length, type, data, checksum. */
const png: Chain = {
  start: 8,
  head: (bytes) => ({ length: bytes.readUInt32BE(0), name: bytes.toString('latin1', 4, 8) }),
  tail: () => 4,
};

/** Reference: WebP Container Specification: type, length, data, made even. */
const webp: Chain = {
  start: 12,
  head: (bytes) => ({ name: bytes.toString('latin1', 0, 4), length: bytes.readUInt32LE(4) }),
  tail: (length) => length % 2,
};

const chains = { png, webp };

/** The data of the first chunk of the name, of a long one its beginning; undefined where there is none. */
export function chunkData(path: string, codec: keyof typeof chains, wanted: string): Buffer | undefined {
  const { start, head, tail } = chains[codec];
  try {
    return withFile(path, (file) => {
      let at = start;
      for (let i = 0; i < mostChunks; i++) {
        const bytes = readAt(file, at, 8);
        if (bytes.length < 8) return undefined;
        const { name, length } = head(bytes);
        if (name === wanted) return readAt(file, at + 8, Math.min(length, mostBytes));
        at += 8 + length + tail(length);
      }
      return undefined;
    });
  } catch {
    return undefined;
  }
}
