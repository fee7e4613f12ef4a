/** Arguments for raw frames that go through an ffmpeg by standard input and output. */
import type { Size } from '../../domain/frame.ts';
import { passthrough } from './arguments.ts';
import type { FfmpegVersion } from '../ffmpeg/version.ts';
import { filterChain, type FilterOptions } from './filters.ts';
import type { SourceInfo } from '../source/source-info.ts';

/** gbrp frames of one size to frames at the grid, by the filters that decode a camera of that size. */
export function rawVideoArguments(native: Size, filters: Omit<FilterOptions, 'info'>): string[] {
  const info: SourceInfo = {
    codec: 'rawvideo',
    pixelFormat: 'gbrp',
    native,
    display: native,
    sampleAspectRatio: 1,
    hasAudio: false,
  };
  return [...rawInput(native), '-filter:v', filterChain({ ...filters, info }).join(','), ...rawOutput];
}

function rawInput({ width, height }: Size): string[] {
  return [
    '-f',
    'rawvideo',
    '-pixel_format',
    'gbrp',
    '-video_size',
    `${width}x${height}`,
    '-framerate',
    '1',
    '-i',
    'pipe:0',
  ];
}

const rawOutput = ['-f', 'rawvideo', '-pix_fmt', 'gbrp', 'pipe:1'] as const;

/** BT.709 in limited range, 4:2:0, as cameras send it; sides are made even, which that needs. */
export function h264EncodeArguments(size: Size, crf: number): string[] {
  const even = 'pad=ceil(iw/2)*2:ceil(ih/2)*2';
  const colours = 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p';
  const encoder = ['-c:v', 'libx264', '-preset', 'medium', '-crf', String(crf), '-g', '1', '-threads', '1'];
  return [...rawInput(size), '-filter:v', `${even},${colours}`, ...encoder, '-f', 'h264', 'pipe:1'];
}

export function h264DecodeArguments({ width, height }: Size, version: FfmpegVersion): string[] {
  const filters = `scale=in_color_matrix=bt709:in_range=tv,format=gbrp,crop=${width}:${height}:0:0`;
  return ['-f', 'h264', '-i', 'pipe:0', '-filter:v', filters, ...passthrough(version), ...rawOutput];
}
