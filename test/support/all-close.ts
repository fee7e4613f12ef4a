interface Tolerance {
  /** Relative tolerance. */
  readonly rtol?: number;
  /** Absolute tolerance. */
  readonly atol?: number;
}

/** `expect(actual).toBeAllClose(expected)`: equal lengths and |a − e| ≤ atol + rtol·|e| everywhere. */
export function toBeAllClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol = 1e-5, atol = 1e-6 }: Tolerance = {},
) {
  if (actual.length !== expected.length) {
    return { pass: false, message: () => `lengths differ: ${String(actual.length)} and ${String(expected.length)}` };
  }
  let worst = -1;
  let worstExcess = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(Number(actual[i]) - Number(expected[i]));
    const excess = difference - (atol + rtol * Math.abs(Number(expected[i])));
    if (!(excess <= worstExcess)) {
      worst = i;
      worstExcess = excess;
    }
  }
  return {
    pass: worst < 0,
    message: () =>
      worst < 0
        ? 'all values are close'
        : `values differ most at ${String(worst)}: got ${String(actual[worst])}, expected ${String(expected[worst])}`,
  };
}

declare module 'vitest' {
  // The type parameter must repeat vitest's own declaration.
  interface Matchers<T> {
    toBeAllClose(expected: ArrayLike<number>, tolerance?: Tolerance): T;
  }
}
