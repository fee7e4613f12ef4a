/** How a fit goes unless told otherwise. */
import type { FitSettings, LearningRate } from './fit.ts';

export const usualSettings: Omit<FitSettings, 'seed' | 'learningRate'> = {
  steps: 60,
  batch: 16,
  warmUp: 3,
  clipNorm: 10,
  pull: 0,
};

/** Of stages, in multiples of the steps: restoration has settled after half of them, labels have not after all. */
export const usualLengths = { restore: 0.5, labels: 2 } as const;

/** Where a range test does not speak against it. */
export const usualLearningRate: LearningRate = { conv1: 1e-3, conv2: 2e-3 };

/** Runs that a CPU has under way: two of one thread each are faster than one of two, and each keeps a graph of its own. */
export const runsAtOnce = 2;
