/** ffmpeg's filters from the decoded picture to the grid. */
import type { Rectangle, Size } from '../../domain/frame.ts';
import { colourFilters } from './colours.ts';
import type { Orientation } from '../picture/orientation.ts';
import type { SourceInfo } from '../source/source-info.ts';

/**
 * What to keep of the upright picture: a rectangle in display pixels, or around the centre the
 * largest part with the grid's proportions, times `share` (0 to 1) — for pictures of any size.
 */
export type Crop = Rectangle | { readonly centreShare: number };

/**
 * ffmpeg's kernels for what is left between the crop and the grid: `area` averages where the picture
 * is made smaller and interpolates linearly where it is made larger; the other two average as far as
 * they reach, too.
 */
export type Scaler = 'area' | 'bilinear' | 'bicubic';

export interface FilterOptions {
  readonly info: SourceInfo;
  /** The whole picture by default. */
  readonly crop?: Crop | undefined;
  readonly grid: Size;
  /** Duplicates or drops to this constant rate. */
  readonly framesPerSecond?: number | undefined;
  /** Kernel for what is left between the crop and the grid; `area` by default. */
  readonly scaler?: Scaler | undefined;
}

/**
 * The chain, with one showinfo after `fps` and before everything that changes the size of the upright
 * picture: it writes exactly one line per frame that comes out, with the size that went in. That is how a change of
 * the resolution is seen, which ffmpeg otherwise hides by scaling. Colours follow the stream's own
 * tags; untagged is BT.601. HDR and wide gamuts become those of photographs.
 */
export function filterChain({ info, crop, grid, framesPerSecond, scaler = 'area' }: FilterOptions): string[] {
  return [
    ...(framesPerSecond === undefined ? [] : [`fps=${framesPerSecond}`]),
    ...orientationFilters[info.orientation ?? 1],
    'showinfo@native=checksum=0',
    ...(crop === undefined ? [] : [cropFilter(crop, info, grid)]),
    ...photographFilters(info),
    `scale=${grid.width}:${grid.height}:flags=${scaler}`,
    'format=gbrp',
  ];
}

/**
 * Time that begins at 0 and goes on by the steps between frames; a step backwards or of more than
 * ten seconds counts as a tenth of a second. Cameras set their clocks: after a jump back `fps` would
 * drop frames until the old time is reached again, after one forward it would fill the gap.
 */
export const steadyTime =
  "setpts='if(isnan(PREV_OUTPTS),0,PREV_OUTPTS+if(between(PTS-PREV_INPTS,0,10/TB),PTS-PREV_INPTS,0.1/TB))'";

/**
 * Over grey of half the range: c·a + ½·(1 − a). ImageNet's mean is near it, and so is what most models were padded with.
 * What is opaque stays as it is, to the bit.
 */
const overGrey = ['format=gbrap', 'premultiply=inplace=1', 'lutrgb=a=negval', 'colorchannelmixer=ra=.5:ga=.5:ba=.5'];

/** From the colours of the source to those of photographs; nothing where they are those. */
export function photographFilters({ alpha = false, colours }: Pick<SourceInfo, 'alpha' | 'colours'>): string[] {
  return [...(alpha ? overGrey : []), ...(colours ? colourFilters(colours) : [])];
}

/** From what is stored to what stands upright. */
export const orientationFilters: Readonly<Record<Orientation, readonly string[]>> = {
  1: [],
  2: ['hflip'],
  3: ['hflip', 'vflip'],
  4: ['vflip'],
  5: ['transpose=cclock_flip'],
  6: ['transpose=clock'],
  7: ['transpose=clock_flip'],
  8: ['transpose=cclock'],
};

/**
 * Expressions of the size that comes in, so that the chain still holds when that changes: such
 * frames carry their new native size, and it is the reader who decides about them.
 */
function cropFilter(crop: Crop, info: SourceInfo, grid: Size): string {
  if ('centreShare' in crop) {
    const aspect = `${grid.width}/${grid.height}`;
    const share = crop.centreShare;
    return cropOf(`min(iw,ih*${aspect}/sar)*${share}`, `min(ih,iw*sar/(${aspect}))*${share}`);
  }
  const { display } = info;
  const along = (axis: 'iw' | 'ih', part: number, whole: number) => `round(${axis}*${part}/${whole})`;
  return cropOf(
    along('iw', crop.width, display.width),
    along('ih', crop.height, display.height),
    along('iw', crop.x, display.width),
    along('ih', crop.y, display.height),
  );
}

/**
 * From a whole sample of the colours on: between two of them ffmpeg would shift the colours by half a sample or, with
 * more than 8 bits, by one byte, which makes them noise.
 */
function cropOf(width: string, height: string, x = '(iw-ow)/2', y = '(ih-oh)/2'): string {
  const size = `crop=w='max(1,${width})':h='max(1,${height})'`;
  return `${size}:x='hsub*floor((${x})/hsub)':y='vsub*floor((${y})/vsub)':exact=1`;
}
