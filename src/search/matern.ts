/** The Matérn 5/2 covariance: twice differentiable, the usual choice for objectives. */

/**
 * `k(d) = (1 + t + t²/3) · exp(−t)`, `t = √5 · d / l`. `distance` ≥ 0, `lengthScale` > 0; 1 at 0.
 *
 * Reference: Rasmussen and Williams, Gaussian Processes for Machine Learning, eq. 4.17
 */
export function matern52(distance: number, lengthScale: number): number {
  const t = (Math.sqrt(5) * distance) / lengthScale;
  return (1 + t + (t * t) / 3) * Math.exp(-t);
}

/** `∂k / ∂log l = t² (1 + t) · exp(−t) / 3`. */
export function matern52LogScaleDerivative(distance: number, lengthScale: number): number {
  const t = (Math.sqrt(5) * distance) / lengthScale;
  return ((t * t * (1 + t)) / 3) * Math.exp(-t);
}

/** `∂k / ∂x` is this times `x − x′`: `−5 (1 + t) · exp(−t) / (3 l²)`. */
export function matern52PositionFactor(distance: number, lengthScale: number): number {
  const t = (Math.sqrt(5) * distance) / lengthScale;
  return (-5 * (1 + t) * Math.exp(-t)) / (3 * lengthScale * lengthScale);
}
