/** Which pictures have parts that are seen through; what lies under those is chance, often black. */
import type { ImageCodec } from './image-codec.ts';

/** A palette may have transparent colours. */
const withAlpha = /^(?:yuva|gbrap|rgba|bgra|argb|abgr|ya8|ya16|ayuv|vuya|pal8)/;

/** By ffmpeg's name of a pixel format. */
export function hasAlpha(pixelFormat: string): boolean {
  return withAlpha.test(pixelFormat);
}

/** Of a picture that begins so. Some that it holds for are opaque all over. */
export function mayBeTransparent(head: Buffer, codec: ImageCodec): boolean {
  switch (codec) {
    case 'mjpeg':
    // One that is transparent is not read.
    case 'heif':
      return false;
    case 'tiff':
      return true;
    case 'png':
      // Colour types 4 and 6, or a transparent colour, in front of the pixels.
      return head[25] === 4 || head[25] === 6 || head.subarray(0, Math.max(0, head.indexOf('IDAT'))).includes('tRNS');
    case 'webp': {
      const kind = head.toString('latin1', 12, 16);
      // Reference: WebP Container Specification; WebP Lossless Bitstream, 3.
      return (kind === 'VP8X' && ((head[20] ?? 0) & 0x10) !== 0) || (kind === 'VP8L' && ((head[24] ?? 0) & 0x10) !== 0);
    }
    case 'bmp':
      return head.length > 28 && head.readUInt16LE(28) === 32;
  }
}
