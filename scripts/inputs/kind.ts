import type { Size } from '../../src/domain/frame.ts';
import type { Workshop } from './workshop.ts';

/** A kind of input, with the way to make one. */
export interface Kind {
  readonly name: string;
  /** Size of the plain version; the scene's by default. */
  readonly size?: Size;
  /** `scene`: its times are the scene's, since ffprobe reads the file otherwise than a player; `none`: pictures. */
  readonly times?: 'scene' | 'none';
  /** Makes it; the path of the input. */
  readonly make: (workshop: Workshop) => string;
  /** Another plain version than the scene, made after the input. */
  readonly plain?: (workshop: Workshop) => string;
}

export interface Group {
  readonly title: string;
  readonly kinds: readonly Kind[];
}

export const rounding = 'accurate_rnd+full_chroma_int+full_chroma_inp';
export const ffv1 = ['-c:v', 'ffv1', '-level', '3'];
export const lossless264 = ['-c:v', 'libx264', '-qp', '0', '-preset', 'ultrafast'];
export const clear264 = [...lossless264, '-pix_fmt', 'yuv444p'];
export const good264 = ['-c:v', 'libx264', '-crf', '4', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'];
export const x265 = (options: string) => [
  '-c:v',
  'libx265',
  '-preset',
  'fast',
  '-x265-params',
  `log-level=error:${options}`,
];

/** The scene, through filters and an encoder. */
export function encoded(file: string, filter: string, encoder: readonly string[], size?: Size): Kind['make'] {
  return (workshop) => workshop.made(file, workshop.scene(size), filter, encoder);
}

/** What an input holds, without loss and by ffmpeg's filters alone: what an encoder has lost is not held against edge-cls. */
export function decoded(file: string, filter: string): Kind['make'] {
  return (workshop) => workshop.made(`${file}-decoded.mkv`, workshop.path(file), `${filter},format=gbrp`, ffv1);
}

/** By another implementation than the one that edge-cls uses: zimg. */
export const zimg = 'zscale=matrix=gbr:range=full:filter=bicubic';

/** What says nothing of its matrix has BT.601's. */
export const zimgUntagged = `${zimg}:matrixin=170m`;
