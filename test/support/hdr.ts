/** HDR versions of a picture, made from the standards' own formulas. */
import { writeFileSync } from 'node:fs';
import { ffmpeg } from './videos.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** sRGB, R, G, B of each pixel, 0 to 255. */
  readonly rgb: Uint8Array;
}

export const hdrKinds = {
  // ffmpeg's names of transfer, primaries and matrix.
  pq: { names: ['smpte2084', 'bt2020', 'bt2020nc'], encode: pq },
  hlg: { names: ['arib-std-b67', 'bt2020', 'bt2020nc'], encode: hlg },
  'wide, not HDR': { names: ['bt2020-10', 'bt2020', 'bt2020nc'], encode: (light: Light) => light.map(srgb) },
} as const;

type Light = readonly number[];

/** Lossless, 10 bit, limited range, tagged; the picture three times. White is at 203 cd/m². */
export function writeHdr(path: string, { width, height, rgb }: Picture, kind: keyof typeof hdrKinds): void {
  const { names, encode } = hdrKinds[kind];
  const [transfer, primaries, matrix] = names;
  const count = width * height;
  const planes = Buffer.alloc(6 * count);
  for (let i = 0; i < count; i++) {
    const light = [0, 1, 2].map((c) => linear((rgb[3 * i + c] ?? 0) / 255));
    const [r = 0, g = 0, b = 0] = encode(toBt2020(light)).map((v) => Math.round(65_535 * Math.min(1, Math.max(0, v))));
    [g, b, r].forEach((value, plane) => planes.writeUInt16LE(value, 2 * (plane * count + i)));
  }
  writeFileSync(`${path}.raw`, Buffer.concat([planes, planes, planes]));
  ffmpeg(
    ...['-f', 'rawvideo', '-pixel_format', 'gbrp16le', '-video_size', `${width}x${height}`, '-framerate', '5'],
    ...['-i', `${path}.raw`, '-vf', 'scale=out_color_matrix=bt2020:out_range=tv,format=yuv444p10le'],
    ...['-c:v', 'ffv1', '-color_range', 'tv', '-color_trc', transfer, '-color_primaries', primaries],
    ...['-colorspace', matrix, path],
  );
}

/** BT.709 to BT.2020: ITU-R BT.2087, 4. */
function toBt2020([r = 0, g = 0, b = 0]: Light): number[] {
  return [
    0.6274 * r + 0.3293 * g + 0.0433 * b,
    0.0691 * r + 0.9195 * g + 0.0114 * b,
    0.0164 * r + 0.088 * g + 0.8956 * b,
  ];
}

function linear(v: number): number {
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

function srgb(v: number): number {
  return v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055;
}

/** SMPTE ST 2084, 5.2. */
function pq(light: Light): number[] {
  return light.map((v) => {
    const power = ((203 * Math.max(0, v)) / 10_000) ** (2610 / 16_384);
    return ((3424 / 4096 + (2413 / 128) * power) / (1 + (2392 / 128) * power)) ** (2523 / 32);
  });
}

/** ITU-R BT.2100, table 5, for a display of 1000 cd/m²: inverse OOTF, then OETF. */
function hlg(light: Light): number[] {
  const [r = 0, g = 0, b = 0] = light.map((v) => (203 / 1000) * Math.max(0, v));
  const gain = Math.max(1e-9, 0.2627 * r + 0.678 * g + 0.0593 * b) ** (1 / 1.2 - 1);
  return [r, g, b].map((v) => {
    const scene = v * gain;
    return scene <= 1 / 12 ? Math.sqrt(3 * scene) : 0.17883277 * Math.log(12 * scene - 0.28466892) + 0.55991073;
  });
}
