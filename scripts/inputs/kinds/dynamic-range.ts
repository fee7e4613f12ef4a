/** HDR and wide gamuts out of the scene's linear light, its white at 203 cd/m². */
import { decoded, encoded, ffv1, x265, type Kind } from '../kind.ts';

/** zimg's names. */
interface Colours {
  readonly transfer: string;
  readonly primaries: string;
  readonly matrix: string;
}

const srgb: Colours = { transfer: 'iec61966-2-1', primaries: 'bt709', matrix: 'gbr' };
const pq: Colours = { transfer: 'smpte2084', primaries: 'bt2020', matrix: '2020_ncl' };
const hlg: Colours = { transfer: 'arib-std-b67', primaries: 'bt2020', matrix: '2020_ncl' };

/** By way of light, in floating point; HLG's gamma is of the luminance, not of each colour. */
function converted(from: Colours, to: Colours, format: string): string {
  const named = ({ transfer, primaries, matrix }: Colours, suffix: string) =>
    `transfer${suffix}=${transfer}:primaries${suffix}=${primaries}:matrix${suffix}=${matrix}:range${suffix}=${matrix === 'gbr' ? 'full' : 'limited'}`;
  const light = (primaries: string): Colours => ({ transfer: 'linear', primaries, matrix: 'gbr' });
  const rules = 'npl=203:agamma=0';
  return [
    `zscale=${named(from, 'in')}:${named(light(from.primaries), '')}:${rules}`,
    'format=gbrpf32le',
    `zscale=${named(light(from.primaries), 'in')}:${named(light(to.primaries), '')}:${rules}`,
    `zscale=${named(light(to.primaries), 'in')}:${named(to, '')}:${rules}`,
    `format=${format}`,
  ].join(',');
}

const marks = (transfer: string, primaries: string, matrix: string) =>
  `-color_trc ${transfer} -color_primaries ${primaries} -colorspace ${matrix} -color_range tv`.split(' ');

function lossless(name: string, file: string, colours: Colours, tags: readonly string[]): Kind {
  return { name, make: encoded(file, converted(srgb, colours, 'yuv444p12le'), [...ffv1, ...tags]) };
}

/** As phones make it. */
function inHevc(name: string, file: string, colours: Colours, tags: readonly string[]): Kind {
  return {
    name,
    make: encoded(file, converted(srgb, colours, 'yuv420p10le'), [...x265('crf=12'), ...tags]),
    plain: decoded(file, converted(colours, srgb, 'gbrp')),
  };
}

export const dynamicRange: readonly Kind[] = [
  lossless('PQ (HDR10)', 'pq.mkv', pq, marks('smpte2084', 'bt2020', 'bt2020nc')),
  lossless('HLG', 'hlg.mkv', hlg, marks('arib-std-b67', 'bt2020', 'bt2020nc')),
  inHevc('PQ in HEVC, 10 bit, 4:2:0', 'pq.mp4', pq, marks('smpte2084', 'bt2020', 'bt2020nc')),
  inHevc('HLG in HEVC, 10 bit, 4:2:0', 'hlg.mp4', hlg, marks('arib-std-b67', 'bt2020', 'bt2020nc')),
  lossless(
    'BT.2020, not HDR',
    'bt2020.mkv',
    { transfer: srgb.transfer, primaries: 'bt2020', matrix: '2020_ncl' },
    marks('bt2020-10', 'bt2020', 'bt2020nc'),
  ),
  lossless(
    'Display P3',
    'p3.mkv',
    { transfer: srgb.transfer, primaries: 'smpte432', matrix: '709' },
    marks('iec61966-2-1', 'smpte432', 'bt709'),
  ),
];
