/** Arguments for raw frames that go through an ffmpeg by standard input and output. */
import type { Size } from '../domain/frame.ts';
import { filterChain, type FilterOptions } from './filters.ts';
import type { SourceInfo } from './source-info.ts';

/** gbrp frames of one size to frames at the grid, by the filters that decode a camera of that size. */
export function rawVideoArguments(native: Size, filters: Omit<FilterOptions, 'info'>): string[] {
  const info: SourceInfo = {
    codec: 'rawvideo',
    pixelFormat: 'gbrp',
    native,
    display: native,
    rotation: 0,
    sampleAspectRatio: 1,
    hasAudio: false,
  };
  return [...rawInput(native), '-filter:v', filterChain({ ...filters, info }).join(','), ...rawOutput];
}

export function rawInput({ width, height }: Size): string[] {
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

export const rawOutput = ['-f', 'rawvideo', '-pix_fmt', 'gbrp', 'pipe:1'] as const;
