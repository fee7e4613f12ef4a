/** HEIC and AVIF: pictures in the boxes of MP4, of which ffmpeg shows the plain ones as they are. */

/**
 * What ffmpeg would not show as it is to be seen, by the types of its boxes and items. Reference: ISO/IEC 23008-12
 * (HEIF), 6.5 and 6.6. EXIF has no say there.
 */
const special: readonly (readonly [type: string, words: string])[] = [
  ['grid', 'made of tiles'],
  ['iovl', 'laid over others'],
  ['irot', 'turned'],
  ['imir', 'mirrored'],
  ['clap', 'cropped'],
  ['auxC', 'transparent, or has a depth map'],
];

export function isHeif(head: Buffer): boolean {
  return heifKind(head) !== undefined;
}

/** By the brand of a single picture; those of several are videos to ffmpeg. */
export function heifKind(head: Buffer): 'HEIC' | 'AVIF' | undefined {
  const brand = /^....ftyp(heic|heix|heim|heis|mif1|avif)/s.exec(head.toString('latin1', 0, 12))?.[1];
  if (brand === undefined) return undefined;
  return brand === 'avif' ? 'AVIF' : 'HEIC';
}

/** Why it is not read, in words that follow "it"; undefined for a plain one. */
export function heifFault(head: Buffer): string | undefined {
  const kind = heifKind(head);
  const meta = boxNamed(head, 'meta');
  if (kind === undefined || meta === undefined) return undefined;
  const [, words] = special.find(([type]) => meta.includes(type, 0, 'latin1')) ?? [];
  return words && `is ${kind} that is ${words}, which is not read; convert it to JPEG or PNG`;
}

/** As much of it as there is. */
function boxNamed(bytes: Buffer, name: string): Buffer | undefined {
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === name) return bytes.subarray(at + 8, at + length);
    if (length < 8) return undefined;
    at += length;
  }
  return undefined;
}
