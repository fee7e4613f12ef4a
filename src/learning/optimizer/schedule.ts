/** Factor of the learning rate at a step, counted from 0. */
export type Schedule = (step: number) => number;

/**
 * Rises in a line over the warm-up, then falls along half a cosine to 0 after the last step:
 * `(1 + cos π·t) / 2`, t from 0 to 1.
 *
 * Reference: Loshchilov and Hutter, arXiv 1608.03983, equation 5, without restarts.
 */
export function cosineSchedule(steps: number, { warmUp = 0 }: { readonly warmUp?: number } = {}): Schedule {
  return (step) => {
    if (step < warmUp) return (step + 1) / (warmUp + 1);
    const progress = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
    return (1 + Math.cos(Math.PI * progress)) / 2;
  };
}
