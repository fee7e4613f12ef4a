import { systemClock } from '../domain/clock.ts';
import type { FeatureProgress } from '../learning/head/features.ts';
import { progressBar, type ProgressLine } from './progress-line.ts';

/** Says how far the features of photographs are, and when they will be done. */
export function featureProgress(line: ProgressLine): (progress: FeatureProgress) => void {
  let startedAt = systemClock.now();
  return ({ done, total, computed }) => {
    if (computed === 0) startedAt = systemClock.now();
    const secondsEach = computed === 0 ? 0 : (systemClock.now() - startedAt) / 1000 / computed;
    line.update(`features ${progressBar(done, total, secondsEach)}`);
  };
}
