/** Real numbers as uint8: (q − zero) · scale. */

export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Affine {
  readonly scale: number;
  /** 0 to 255: stands for 0, exactly, as padding needs. */
  readonly zero: number;
}

/** The range is widened to hold 0; an empty one becomes that of a tensor that is 0 everywhere. */
export function affineOf({ low, high }: Range): Affine {
  const least = Math.min(low, 0);
  const most = Math.max(high, 0);
  const scale = Math.fround((most - least) / 255);
  if (!(scale > 0)) return { scale: 1, zero: 0 };
  return { scale, zero: Math.round(-least / scale) };
}

/** What a value becomes, on the way to uint8 and back. */
export function rounded(value: number, { scale, zero }: Affine): number {
  const q = Math.min(255, Math.max(0, Math.round(value / scale) + zero));
  return (q - zero) * scale;
}
