/** PNG of 8-bit RGB (W3C PNG specification, third edition): photographs without loss, a few KB each. */
import { crc32, deflateSync } from 'node:zlib';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Bit depth 8, colour type 2 (RGB), deflate, the five filters, not interlaced. */
const kind = Uint8Array.of(8, 2, 0, 0, 0);
const channels = 3;
const paeth = 4;

/** Input shape: R G B after each other, row by row, 3 · width · height bytes. */
export function encodePng(rgb: Uint8Array, width: number, height: number): Buffer {
  const expected = channels * width * height;
  if (rgb.length !== expected || expected === 0) {
    throw new RangeError(`an image of ${width}x${height} must have ${expected} bytes (above 0), it has ${rgb.length}`);
  }
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return Buffer.concat([
    signature,
    chunk('IHDR', Buffer.concat([size, kind])),
    chunk('IDAT', deflateSync(filtered(rgb, width, height))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Length, name, data, checksum over name and data. */
function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

/** Each byte less what its neighbours (left, above, above left) predict; photographs shrink by it. */
function filtered(rgb: Uint8Array, width: number, height: number): Buffer {
  const stride = channels * width;
  const out = Buffer.alloc((stride + 1) * height);
  for (let y = 0; y < height; y++) {
    out[y * (stride + 1)] = paeth;
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x < channels ? 0 : (rgb[at - channels] ?? 0);
      const above = y === 0 ? 0 : (rgb[at - stride] ?? 0);
      const corner = x < channels || y === 0 ? 0 : (rgb[at - stride - channels] ?? 0);
      out[y * (stride + 1) + 1 + x] = (rgb[at] ?? 0) - predicted(left, above, corner);
    }
  }
  return out;
}

/** Paeth's predictor: the neighbour nearest to left + above − corner. */
function predicted(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
