/** Front-end outputs as a report's pictures take them: R G B after each other. */

/** From planes R, G, B of [3, h, w] values between 0 and 1; others are clamped. */
export function rgbFromUnitPlanes(planes: Float32Array): Uint8Array {
  const pixels = planes.length / 3;
  const rgb = new Uint8Array(planes.length);
  for (let i = 0; i < rgb.length; i++) {
    const value = planes[(i % 3) * pixels + Math.floor(i / 3)] ?? 0;
    rgb[i] = Math.round(255 * Math.min(1, Math.max(0, value)));
  }
  return rgb;
}
