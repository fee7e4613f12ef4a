/** A picture as corruptions see it. */
import type { Size } from '../../domain/frame.ts';

/** Values are nominally 0 to 1, rows from the top; they may lie outside until the end. */
export interface Picture extends Size {
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
}

export type Plane = Float32Array;

/** The same done to each of the three planes. */
export function eachPlane(picture: Picture, change: (plane: Plane) => Plane): Picture {
  const { width, height, red, green, blue } = picture;
  return { width, height, red: change(red), green: change(green), blue: change(blue) };
}

/** From planar gbrp uint8 [3, height, width], planes G, B, R. */
export function pictureOf(gbrp: Uint8Array, { width, height }: Size): Picture {
  const area = width * height;
  const plane = (index: number) => {
    const values = new Float32Array(area);
    for (let i = 0; i < area; i++) values[i] = (gbrp[index * area + i] ?? 0) / 255;
    return values;
  };
  return { width, height, green: plane(0), blue: plane(1), red: plane(2) };
}

/** Clamped to 0 … 1 and rounded, as a camera's converter does. */
export function gbrpOf({ width, height, green, blue, red }: Picture): Uint8Array<ArrayBuffer> {
  // The conversion to a clamped array rounds to the nearest, ties to even.
  const bytes = new Uint8ClampedArray(3 * width * height);
  [green, blue, red].forEach((plane, i) => {
    const start = i * plane.length;
    for (let j = 0; j < plane.length; j++) bytes[start + j] = 255 * (plane[j] ?? 0);
  });
  return new Uint8Array(bytes.buffer);
}
