/** From the decoder's planes to R, G, B between 0 and 1, as a matrix that can be folded into weights. */
import type { PixelFormat } from '../domain/frame.ts';

export interface ColourConversion {
  /** Rows R, G, B; columns the planes in the format's own order. */
  readonly matrix: readonly (readonly [number, number, number])[];
  /** The byte that stands for zero, per plane. */
  readonly zeroPoints: readonly [number, number, number];
}

/** Luma weights of red and blue. Reference: ITU-R BT.709-6, table 3. */
const red = 0.2126;
const blue = 0.0722;
const green = 1 - red - blue;

/**
 * RGB = matrix · (planes − zeroPoints) / 255.
 *
 * `gbrp`: the planes are G, B, R. `yuv444p`: full range, BT.709; the decoder has to be told so
 * (swscale: `out_range=full:out_color_matrix=bt709`). Colours outside of the RGB cube, which
 * compressed video has, are not clamped here, whereas a decoder that delivers gbrp clamps them.
 */
export const colourConversions: Readonly<Record<PixelFormat, ColourConversion>> = {
  gbrp: {
    matrix: [
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ],
    zeroPoints: [0, 0, 0],
  },
  yuv444p: {
    matrix: [
      [1, 0, 2 * (1 - red)],
      [1, (-2 * blue * (1 - blue)) / green, (-2 * red * (1 - red)) / green],
      [1, 2 * (1 - blue), 0],
    ],
    zeroPoints: [0, 128, 128],
  },
};
