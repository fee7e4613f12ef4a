/** Frames and front-end outputs as a report's pictures take them: R G B after each other. */

/** From ffmpeg's planar gbrp (planes G, B, R; [3, h, w] bytes). */
export function rgbFromGbrp(planes: Uint8Array): Uint8Array {
  return interleaved(planes, [2, 0, 1], (value) => value);
}

/** From planes R, G, B of [3, h, w] values between 0 and 1, as the front end puts them out; others are clamped. */
export function rgbFromUnitPlanes(planes: Float32Array): Uint8Array {
  return interleaved(planes, [0, 1, 2], (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
}

/** `order`: which plane is red, green, blue. */
function interleaved(
  planes: Uint8Array | Float32Array,
  order: readonly number[],
  toByte: (value: number) => number,
): Uint8Array {
  const pixels = planes.length / 3;
  const rgb = new Uint8Array(planes.length);
  for (let i = 0; i < pixels; i++) {
    order.forEach((plane, channel) => {
      rgb[3 * i + channel] = toByte(planes[plane * pixels + i] ?? 0);
    });
  }
  return rgb;
}
