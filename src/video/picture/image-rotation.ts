/** How a photograph is to be turned: cameras keep what the sensor sees, and say in EXIF which way up it was held. */
import type { Rotation } from '../source/source-info.ts';

/**
 * By the value of EXIF's Orientation, 1 to 8. Every other one is mirrored as well; the mirror is left, since what
 * a mirror shows is the same thing.
 */
const rotations: readonly (Rotation | undefined)[] = [undefined, 0, 0, 180, 180, 90, 90, 270, 270];

const [app1, startOfScan, orientationTag] = [0xe1, 0xda, 0x0112];

/**
 * Of a JPEG, given its first bytes (64 KiB hold all that may come before); 0 where nothing, or nothing sensible,
 * is said.
 *
 * Reference: Exif 2.32 (CIPA DC-008), 4.5.2 and 4.6.5; TIFF 6.0, section 2.
 */
export function imageRotation(head: Buffer): Rotation {
  const tiff = exifOf(head);
  return (tiff && rotations[orientationOf(tiff)]) ?? 0;
}

/** What follows `Exif\0\0` in the APP1 segment. */
function exifOf(head: Buffer): Buffer | undefined {
  for (let at = 2; at + 4 <= head.length && head[at] === 0xff && head[at + 1] !== startOfScan;) {
    const end = at + 2 + head.readUInt16BE(at + 2);
    const content = head.subarray(at + 4, end);
    if (head[at + 1] === app1 && content.toString('latin1', 0, 6) === 'Exif\0\0') return content.subarray(6);
    at = end;
  }
  return undefined;
}

/** 0 where the first directory has none. */
function orientationOf(tiff: Buffer): number {
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return 0;
  const short = (at: number) => {
    if (at + 2 > tiff.length) return 0;
    return order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at);
  };
  const directory = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  const count = short(directory);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > tiff.length) return 0;
    if (short(entry) === orientationTag) return short(entry + 8);
  }
  return 0;
}
