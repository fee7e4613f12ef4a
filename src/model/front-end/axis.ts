/** One axis of a convolution: which samples of its input the outputs meet. */
import type { Geometry } from '../geometry.ts';
import { compositeTaps, product, reachBefore, samePads, taps } from '../strides.ts';

export interface Axis {
  /** Samples of the input. */
  readonly size: number;
  readonly outputs: number;
  readonly taps: number;
  readonly stride: number;
  /** What the first output reaches before the first sample. */
  readonly before: number;
}

/** The two axes of a convolution. */
export interface Window {
  readonly y: Axis;
  readonly x: Axis;
}

/** What the last output reaches beyond the last sample; below 0 where it does not come so far. */
export function beyond({ size, outputs, taps: length, stride, before }: Axis): number {
  return (outputs - 1) * stride + length - before - size;
}

/** Conv 7×7: from the grid to the samples between the convolutions. */
export function firstWindow(geometry: Geometry): Window {
  const { padding } = geometry;
  return eachAxis(geometry, ({ strides, size, image }) => ({
    size,
    // Where edges are repeated, the samples between the convolutions exist beyond the border, too.
    outputs: padding === 'edge' ? (image - 1) * strides[1] + taps[1] : image * strides[1],
    taps: taps[0],
    stride: strides[0],
    before: padding === 'edge' ? reachBefore(strides, padding) : samePads(strides)[0],
  }));
}

/** Conv 3×3: from there to the classifier's input. */
export function secondWindow(geometry: Geometry): Window {
  const { y, x } = firstWindow(geometry);
  return eachAxis(geometry, ({ strides, image }, name) => ({
    size: { y, x }[name].outputs,
    outputs: image,
    taps: taps[1],
    stride: strides[1],
    before: geometry.padding === 'edge' ? 0 : samePads(strides)[1],
  }));
}

/** Both as one. */
export function compositeWindow(geometry: Geometry): Window {
  return eachAxis(geometry, ({ strides, size, image }) => ({
    size,
    outputs: image,
    taps: compositeTaps(strides),
    stride: product(strides),
    before: reachBefore(strides, geometry.padding),
  }));
}

interface Side {
  readonly strides: Geometry['strides']['x'];
  /** Of the grid, and of the classifier's input. */
  readonly size: number;
  readonly image: number;
}

function eachAxis({ strides, grid, input }: Geometry, axis: (side: Side, name: keyof Window) => Axis): Window {
  return {
    y: axis({ strides: strides.y, size: grid.height, image: input.height }, 'y'),
    x: axis({ strides: strides.x, size: grid.width, image: input.width }, 'x'),
  };
}
