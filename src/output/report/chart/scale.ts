/** A report's axis as a scale of Plot: where its ticks are and how they read. */
import type { ScaleOptions } from '@observablehq/plot';
import type { Axis } from '../data.ts';
import { formatNumber } from '../format.ts';

/** Up to this many whole numbers each have their tick. */
const wholeTicks = 12;

/** Whether a value has a place on the axis. */
export function isDrawable(value: number, { scale }: Axis): boolean {
  return Number.isFinite(value) && (scale !== 'log' || value > 0);
}

/** `values`: all that is drawn along this axis. */
export function axisScale(axis: Axis, values: readonly number[]): ScaleOptions {
  const { label, scale, unit, domain } = axis;
  const low = domain?.[0] ?? Math.min(...values);
  const high = domain?.[1] ?? Math.max(...values);
  const ticks = scale === 'log' ? powersOfTen(low, high) : wholeNumbers(low, high, values);
  return {
    label,
    type: scale ?? 'linear',
    tickFormat:
      ticks !== undefined && scale === 'log' ? (value: number) => value.toExponential().replace('+', '') : formatNumber,
    ...(unit === 'percent' && { percent: true, label: `${label} (%)` }),
    ...(unit === 'seconds' && { label: `${label} (s)` }),
    ...(domain !== undefined && { domain: unit === 'percent' ? domain.map((value) => 100 * value) : [...domain] }),
    ...(ticks !== undefined && unit === undefined && { ticks }),
  };
}

/** None where fewer than two lie within, which would leave the axis without a measure. */
function powersOfTen(low: number, high: number): number[] | undefined {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const count = Math.floor(Math.log10(high) + 1e-9) - first + 1;
  return count < 2 ? undefined : Array.from({ length: count }, (_, i) => Number(`1e${first + i}`));
}

/** Epochs and trials have no halves. */
function wholeNumbers(low: number, high: number, values: readonly number[]): number[] | undefined {
  if (!values.every(Number.isInteger) || high - low >= wholeTicks) return undefined;
  const first = Math.ceil(low);
  return Array.from({ length: Math.floor(high) - first + 1 }, (_, i) => first + i);
}
