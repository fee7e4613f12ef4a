/** Which pixels the front end takes, and by which strides it brings them to the classifier's size. */
import { UsageError } from '../domain/errors.ts';
import { sizeText, type Rectangle, type Size } from '../domain/frame.ts';
import { compositeTaps, product, stridesFor, taps, type Padding, type Strides } from './strides.ts';

/**
 * `native`: as many of the camera's pixels as strides can take; `staged`: twice the input, whatever the camera;
 * `direct`: the input itself, which is all that is needed where no adapter is fitted. `auto` leaves it to the device.
 */
export const requestedModes = ['auto', 'native', 'staged', 'direct'] as const;

export type RequestedMode = (typeof requestedModes)[number];

export interface Geometry {
  readonly mode: Exclude<RequestedMode, 'auto'>;
  /** The classifier's input, pixels. */
  readonly input: Size;
  readonly strides: { readonly x: Strides; readonly y: Strides };
  /** What the decoder delivers, pixels: the input times the strides' product, per axis. */
  readonly grid: Size;
  /** What lies beyond the border: black, or the nearest pixel (for kernels wider than their block). */
  readonly padding: Padding;
  /** All is stretched to the input, of a bundle that was trained on crops; else it sees as in training. */
  readonly view?: 'whole' | undefined;
}

export interface GeometryRequest {
  /** The part of the picture to classify, pixels. */
  readonly region: Size;
  readonly input: Size;
  readonly fit: 'crop' | 'stretch';
  /** For `crop`: the share of the largest centred rectangle that is used, above 0 to 1; 1 by default. */
  readonly cropFraction?: number;
  readonly mode: Geometry['mode'];
  /** `zero` by default; `paddingFor(kernel)` has the one that a resize kernel needs. */
  readonly padding?: Padding;
}

export interface GeometryChoice {
  readonly geometry: Geometry;
  /** What is used of the region, pixels of the region. */
  readonly crop: Rectangle;
  /** Crop ÷ grid per axis: what is left to the decoder's area scaling; below 1 it enlarges. */
  readonly residual: { readonly x: number; readonly y: number };
  /** Multiply-accumulates of the front end per frame. */
  readonly macs: number;
}

/** Largest stride product first, the small rest left to the decoder. Throws a `UsageError` for an empty region. */
export function geometryFor(request: GeometryRequest): GeometryChoice {
  const { region, input, mode, padding = 'zero' } = request;
  if (!isSize(region)) throw new UsageError(`the region must be at least 1x1 pixels, it was ${sizeText(region)}`);
  const crop =
    request.fit === 'stretch'
      ? { x: 0, y: 0, width: region.width, height: region.height }
      : centreCrop(region, input, request.cropFraction);
  const strides = stridesOf(mode, { width: crop.width / input.width, height: crop.height / input.height });
  const grid = { width: input.width * product(strides.x), height: input.height * product(strides.y) };
  const geometry: Geometry = { mode, input, strides, grid, padding };
  const residual = { x: crop.width / grid.width, y: crop.height / grid.height };
  return { geometry, crop, residual, macs: frontEndMacs(geometry) };
}

function stridesOf(mode: Geometry['mode'], factor: Size): Geometry['strides'] {
  if (mode === 'native') return { x: stridesFor(factor.width), y: stridesFor(factor.height) };
  return mode === 'staged' ? { x: [1, 2], y: [1, 2] } : { x: [1, 1], y: [1, 1] };
}

/** The centred rectangle with the aspect of `input` whose scale is `fraction` of the largest one. */
function centreCrop(region: Size, input: Size, fraction = 1): Rectangle {
  const scale = Math.min(region.width / input.width, region.height / input.height) * fraction;
  const width = Math.max(1, Math.round(input.width * scale));
  const height = Math.max(1, Math.round(input.height * scale));
  return { x: Math.floor((region.width - width) / 2), y: Math.floor((region.height - height) / 2), width, height };
}

/** Nine kernels of 7×7 at the size between the convolutions, nine of 3×3 at the input size. */
export function frontEndMacs({ input, strides }: Geometry): number {
  const between = input.width * strides.x[1] * input.height * strides.y[1];
  return 9 * (taps[0] ** 2 * between + taps[1] ** 2 * input.width * input.height);
}

/** Of both as one, which they are where the ReLU between them never acts. */
export function mergedMacs({ strides, input }: Geometry): number {
  return 9 * compositeTaps(strides.x) * compositeTaps(strides.y) * input.width * input.height;
}

/**
 * A short stable name, for example `300x300-1.2-1.2`: grid, strides of x, strides of y, `-edge` where
 * edges are replicated, `-whole` where other proportions are seen than in training. Equal keys mean
 * equal graphs and exchangeable adapters.
 */
export function geometryKey({ grid, strides, padding, view }: Geometry): string {
  const notes = `${padding === 'edge' ? '-edge' : ''}${view === 'whole' ? '-whole' : ''}`;
  return `${sizeText(grid)}-${strides.x.join('.')}-${strides.y.join('.')}${notes}`;
}

function isSize({ width, height }: Size): boolean {
  return Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1;
}
