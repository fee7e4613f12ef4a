/** A small bounded minimiser, for the few variables of a Gaussian process. */

export interface ValueAndGradient {
  readonly value: number;
  readonly gradient: readonly number[];
}

export interface Minimum {
  readonly x: readonly number[];
  readonly value: number;
}

/** Lower and upper limit of one variable, both allowed. */
export type Bounds = readonly (readonly [number, number])[];

interface Pair {
  readonly step: readonly number[];
  readonly change: readonly number[];
}

const memory = 8;
const maxIterations = 100;

/**
 * Minimises `objective` inside `bounds` from `start`: limited-memory BFGS directions over the
 * variables that are not held at a bound, a projected path, and backtracking until the value has
 * fallen enough (Armijo). Ends when the projected gradient is below `tolerance`, no step helps,
 * or after 100 iterations. Returns the best point seen; never throws.
 *
 * Reference: Nocedal and Wright, Numerical Optimization, algorithm 7.4; Bertsekas 1982,
 * Projected Newton Methods.
 */
export function minimizeBounded(
  objective: (x: readonly number[]) => ValueAndGradient,
  start: readonly number[],
  bounds: Bounds,
  tolerance = 1e-6,
): Minimum {
  let x = clamp(start, bounds);
  let here = objective(x);
  let pairs: readonly Pair[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const free = freeVariables(x, here.gradient, bounds);
    const gradient = here.gradient.map((g, i) => (free[i] === true ? g : 0));
    if (Math.max(...gradient.map(Math.abs)) < tolerance) break;
    const next =
      searchAlong(objective, x, here, masked(direction(gradient, pairs), free), bounds) ??
      searchAlong(objective, x, here, scaledDescent(gradient), bounds);
    if (next === null) break;
    pairs = remembered(pairs, subtract(next.x, x), subtract(next.gradient, here.gradient));
    const gain = here.value - next.value;
    x = next.x;
    here = next;
    if (gain <= 1e-12 * Math.max(1, Math.abs(here.value))) break;
  }
  return { x, value: here.value };
}

/** A variable at a bound is held there while the descent points outwards. */
function freeVariables(x: readonly number[], gradient: readonly number[], bounds: Bounds): boolean[] {
  return x.map((value, i) => {
    const [low, high] = bounds[i] ?? [-Infinity, Infinity];
    const slope = gradient[i] ?? 0;
    return !((value <= low && slope > 0) || (value >= high && slope < 0));
  });
}

/** The two-loop recursion. */
function direction(gradient: readonly number[], pairs: readonly Pair[]): number[] {
  let q = [...gradient];
  const weights: number[] = [];
  for (const { step, change } of pairs.toReversed()) {
    const weight = dot(step, q) / dot(step, change);
    weights.push(weight);
    q = q.map((value, i) => value - weight * (change[i] ?? 0));
  }
  const last = pairs.at(-1);
  const scale =
    last === undefined ? 1 / Math.max(1, norm(gradient)) : dot(last.step, last.change) / dot(last.change, last.change);
  let r = q.map((value) => value * scale);
  for (const { step, change } of pairs) {
    const weight = (weights.pop() ?? 0) - dot(change, r) / dot(step, change);
    r = r.map((value, i) => value + weight * (step[i] ?? 0));
  }
  return r.map((value) => -value);
}

function scaledDescent(gradient: readonly number[]): number[] {
  const scale = 1 / Math.max(1, norm(gradient));
  return gradient.map((value) => -value * scale);
}

function searchAlong(
  objective: (x: readonly number[]) => ValueAndGradient,
  x: readonly number[],
  here: ValueAndGradient,
  along: readonly number[],
  bounds: Bounds,
): (ValueAndGradient & { readonly x: number[] }) | null {
  if (!(dot(here.gradient, along) < 0)) return null;
  for (let length = 1; length > 1e-10; length *= 0.5) {
    const to = clamp(
      x.map((value, i) => value + length * (along[i] ?? 0)),
      bounds,
    );
    const there = objective(to);
    const slope = dot(here.gradient, subtract(to, x));
    if (slope < 0 && there.value <= here.value + 1e-4 * slope) return { ...there, x: to };
  }
  return null;
}

/** Only pairs of positive curvature keep the inverse Hessian positive. */
function remembered(pairs: readonly Pair[], step: readonly number[], change: readonly number[]): readonly Pair[] {
  if (dot(step, change) <= 1e-10 * norm(step) * norm(change)) return pairs;
  return [...pairs, { step, change }].slice(-memory);
}

function masked(vector: readonly number[], free: readonly boolean[]): number[] {
  return vector.map((value, i) => (free[i] === true ? value : 0));
}

function clamp(x: readonly number[], bounds: Bounds): number[] {
  return x.map((value, i) => {
    const [low, high] = bounds[i] ?? [-Infinity, Infinity];
    return Math.min(high, Math.max(low, value));
  });
}

function subtract(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, i) => value - (b[i] ?? 0));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function norm(a: readonly number[]): number {
  return Math.sqrt(dot(a, a));
}
