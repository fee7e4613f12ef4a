/** What the decoder has to do so that a camera's picture becomes the grid of a geometry. */
import type { Rectangle, Size } from '../domain/frame.ts';
import type { Card } from './card.ts';
import type { GeometryChoice } from './geometry.ts';

export interface DecoderSettings {
  readonly grid: Size;
  /** What is cut out of the picture, all of it where there is none; a share of each for pictures of any size. */
  readonly crop: Rectangle | { readonly centreShare: number } | undefined;
  /** How the crop is brought to the grid. */
  readonly scaler: 'area' | 'bilinear' | 'bicubic';
}

export interface Picture {
  /** The part that is to be classified, display pixels; all of it by default. */
  readonly region?: Rectangle | undefined;
  /** Pictures of a folder differ in size, so their crop is a share of each. */
  readonly sizesDiffer: boolean;
}

export function decoderSettings(
  { resize }: Card,
  { geometry, crop }: GeometryChoice,
  picture: Picture,
): DecoderSettings {
  return {
    grid: geometry.grid,
    crop: cropOf(resize, crop, picture),
    scaler: scalerOf(resize),
  };
}

function cropOf(
  { fit, fraction = 1 }: Card['resize'],
  crop: Rectangle,
  { region, sizesDiffer }: Picture,
): DecoderSettings['crop'] {
  if (region) return { ...crop, x: region.x + crop.x, y: region.y + crop.y };
  if (fit === 'stretch') return undefined;
  return sizesDiffer ? { centreShare: fraction } : crop;
}

/**
 * The kernel of the training resize also for the rest that the strides leave, which is all there
 * is where a small picture is enlarged: on one of 360 lines area blurs enough to change the first
 * label of a classifier that was trained with bicubic.
 */
function scalerOf({ kernel }: Card['resize']): DecoderSettings['scaler'] {
  if (kernel === 'bicubic') return 'bicubic';
  return kernel === 'bilinear' || kernel === 'triangle' ? 'bilinear' : 'area';
}
