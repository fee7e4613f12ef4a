/** Fewer points that look the same when drawn. */
import type { Point } from '../data.ts';

/**
 * At most about `limit` points: of each of `limit / 2` stretches the lowest and the highest, so
 * that spikes stay. Points whose y is not finite count as neither.
 */
export function thin(points: readonly Point[], limit: number): readonly Point[] {
  if (points.length <= limit) return points;
  const stretches = Math.max(1, Math.floor(limit / 2));
  return Array.from({ length: stretches }, (_, i) =>
    extremes(
      points.slice(Math.floor((i * points.length) / stretches), Math.floor(((i + 1) * points.length) / stretches)),
    ),
  ).flat();
}

/** The points with the least and the greatest y, in their order. */
function extremes(points: readonly Point[]): readonly Point[] {
  let low = -1;
  let high = -1;
  points.forEach(({ y }, i) => {
    if (!Number.isFinite(y)) return;
    if (low < 0 || y < (points[low]?.y ?? y)) low = i;
    if (high < 0 || y > (points[high]?.y ?? y)) high = i;
  });
  return points.filter((_, i) => i === low || i === high);
}

/** At most `limit` of the rows, evenly spread, the first and the last among them. */
export function sample<T>(rows: readonly T[], limit: number): readonly T[] {
  if (rows.length <= limit) return rows;
  const kept = new Set(Array.from({ length: limit }, (_, i) => Math.round((i * (rows.length - 1)) / (limit - 1))));
  return rows.filter((_, i) => kept.has(i));
}
