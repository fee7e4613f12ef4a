import { decoded, encoded, ffv1, rounding, zimg, type Kind } from '../kind.ts';

const tags = { 601: 'smpte170m', 709: 'bt709', 2020: 'bt2020nc' } as const;

function yuv(matrix: keyof typeof tags, range: 'tv' | 'pc', format: string): Kind {
  const tag = tags[matrix];
  const filter = `scale=out_color_matrix=${tag === 'bt2020nc' ? 'bt2020' : tag}:out_range=${range}:flags=${rounding},format=${format}`;
  const file = `yuv-${matrix}-${range}-${format}.mkv`;
  return {
    name: `BT.${matrix}, ${range === 'tv' ? 'limited' : 'full'} range, ${format}`,
    make: encoded(file, filter, [...ffv1, '-colorspace', tag, '-color_range', range]),
    // Not the scene: eight bits and fewer colours are the file's own loss.
    plain: decoded(file, zimg),
  };
}

export const colours: readonly Kind[] = [
  yuv(601, 'tv', 'yuv444p'),
  yuv(601, 'pc', 'yuv444p'),
  yuv(709, 'tv', 'yuv444p'),
  yuv(709, 'pc', 'yuv444p'),
  yuv(2020, 'tv', 'yuv444p'),
  yuv(601, 'tv', 'yuv422p'),
  yuv(709, 'tv', 'yuv420p'),
  yuv(709, 'pc', 'yuv420p'),
  yuv(709, 'tv', 'yuv420p10le'),
  yuv(709, 'tv', 'yuv422p10le'),
  yuv(709, 'tv', 'yuv444p12le'),
  { name: 'RGB, 16 bit', make: encoded('rgb48.mkv', 'format=gbrp16le', ffv1) },
  { name: 'grey', make: encoded('grey.mkv', 'format=gray', ffv1), plain: decoded('grey.mkv', 'null') },
];
