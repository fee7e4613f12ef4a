import type { Padding } from '../strides.ts';

/** How a form is written down. */
export interface FormOptions {
  /** Name of the tensor uint8 [N, 3, grid height, grid width] to begin with. */
  readonly pixels: string;
  /** What lies beyond the border: black, or the nearest pixel. */
  readonly padding: Padding;
  /** Above twice of this, as floats, pixels are convolved a strip at a time. */
  readonly stripBytes: number;
}
