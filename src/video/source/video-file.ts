/** Which files are videos: by name, and by their first bytes where the name says nothing or can mean two things. */
import { extname } from 'node:path';
import { readHead } from '../picture/image-codec.ts';

/** Also where the file is broken: it is named then, not passed over. */
const videos = new Set(
  (
    '3g2 3gp apng asf avi divx dv f4v flv gif h264 264 h265 265 hevc ivf m1v m2t m2ts m2v m4v mjpeg mjpg mkv mov mp4 mpe mpeg mpg ' +
    'mxf nut obu ogm ogv qt rm rmvb ts mts trp vob webm wmv wtv y4m'
  )
    .split(' ')
    .map((extension) => `.${extension}`),
);
/** Programs of TypeScript, among others, are called so as well. */
const ambiguous = new Set(['.ts', '.mts']);
/** Containers in which there is no video, whatever they begin with. */
const sounds = new Set(['.aac', '.flac', '.m4a', '.m4b', '.mka', '.mp3', '.oga', '.ogg', '.opus', '.wav', '.wma']);

export function isVideoFile(path: string): boolean {
  const extension = extname(path).toLowerCase();
  if (videos.has(extension) && !ambiguous.has(extension)) return true;
  return !sounds.has(extension) && beginsAsVideo(readHead(path, headBytes));
}

const headBytes = 400;
/** Pictures, sound and raw photographs in the container of MP4. */
const stillBrands = /^(?:heic|heix|heim|heis|mif1|avif|M4A |M4B |crx )/;

function beginsAsVideo(head: Buffer): boolean {
  const text = head.toString('latin1');
  if (text.slice(4, 8) === 'ftyp') return !stillBrands.test(text.slice(8, 12));
  return (
    /^....(?:moov|mdat|wide)/s.test(text) ||
    (text.startsWith('\x1aE\xdf\xa3') && /webm|matroska/.test(text)) ||
    /^RIFF....AVI /s.test(text) ||
    /^(?:FLV\x01|\x30\x26\xb2\x75\x8e\x66\xcf\x11|\x00\x00\x01\xba|YUV4MPEG2 )/s.test(text) ||
    isTransportStream(head)
  );
}

/** Packets of 188 bytes, or of 192 with four of a time stamp in front. */
function isTransportStream(head: Buffer): boolean {
  const syncAt = (first: number, step: number) => [0, 1].every((n) => head[first + n * step] === 0x47);
  return syncAt(0, 188) || syncAt(4, 192);
}
