/** The line through points: its slope, and the slope's standard error. */
export function leastSquares(points: readonly (readonly [x: number, y: number])[]): { slope: number; error: number } {
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [centre, level] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = mean(([x]) => (x - centre) ** 2);
  const slope = mean(([x, y]) => (x - centre) * (y - level)) / spread;
  const rest = mean(([x, y]) => (y - level - slope * (x - centre)) ** 2);
  return { slope, error: Math.sqrt(rest / (points.length - 2) / spread) };
}
