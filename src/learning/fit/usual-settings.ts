/** How a fit goes unless told otherwise. */
import type { FitSettings } from './fit.ts';

export const usualSettings: Omit<FitSettings, 'seed'> = {
  steps: 60,
  batch: 32,
  learningRate: { conv1: 1e-3, conv2: 2e-3 },
  warmUp: 3,
  clipNorm: 10,
  pull: 0,
};
