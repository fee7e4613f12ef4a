import { clear264, decoded, encoded, good264, x265, zimgUntagged, type Kind } from '../kind.ts';

function codec(name: string, file: string, filter: string, encoder: readonly string[], size?: Kind['size']): Kind {
  return { name, make: encoded(file, filter, encoder, size), plain: decoded(file, zimgUntagged) };
}

const palSize = { width: 720, height: 576 };

export const codecs: readonly Kind[] = [
  { name: 'H.264, lossless, 4:4:4', make: encoded('h264.mp4', 'null', clear264) },
  codec('H.264, 4:2:0, B-frames', 'h264-420.mp4', 'null', [...good264, '-bf', '3']),
  codec('HEVC', 'hevc.mp4', 'format=yuv420p', x265('crf=6')),
  codec('VP9', 'vp9.webm', 'format=yuv420p', ['-c:v', 'libvpx-vp9', '-lossless', '1', '-cpu-used', '8']),
  codec('AV1', 'av1.mkv', 'format=yuv420p', ['-c:v', 'libaom-av1', '-crf', '8', '-cpu-used', '8']),
  codec('MPEG-2', 'mpeg2.mpg', 'fps=25,format=yuv420p', ['-c:v', 'mpeg2video', '-q:v', '1']),
  codec('MPEG-4 part 2 in AVI', 'mpeg4.avi', 'format=yuv420p', ['-c:v', 'mpeg4', '-q:v', '1']),
  codec('MJPEG', 'mjpeg.avi', 'format=yuvj420p', ['-c:v', 'mjpeg', '-q:v', '1']),
  codec('ProRes 422 HQ', 'prores.mov', 'format=yuv422p10le', ['-c:v', 'prores_ks', '-profile:v', '3']),
  codec('DV (PAL, 4:3, interlaced)', 'dv.dv', 'fps=25,setsar=16/15,format=yuv420p', ['-c:v', 'dvvideo'], palSize),
];
