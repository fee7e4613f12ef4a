/** Pictures that make-resizes.py makes by the same formulas. */

/** vᵢ / 2³¹ of vᵢ₊₁ = (1103515245·vᵢ + 12345) mod 2³¹, v₀ = 1, in exact integers. */
export function goldenNoise(length: number): Float32Array<ArrayBuffer> {
  let state = 1n;
  return Float32Array.from({ length }, () => {
    state = (1103515245n * state + 12345n) % 2n ** 31n;
    return Number(state) / 2 ** 31;
  });
}

export function waves(width: number, height: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    return 0.5 + 0.25 * Math.sin(0.11 * x + 0.07 * y) + 0.2 * Math.sin(0.31 * x - 0.23 * y);
  });
}
