/**
 * A learning rate range test: the rate grows from step to step until the loss does.
 *
 * Reference: Smith 2017, arXiv 1506.01186, section 3.3.
 */
import type { AdapterWeights } from '../../model/adapter.ts';
import { DivergedError, fit, type FitParts, type LearningRate, type StepRecord } from './fit.ts';
import { usualLearningRate } from './usual-settings.ts';

/** Factors of the usual rate that are tried, each twice the one before. */
const [lowest, tries] = [2 ** -5, 12];
/** The same frames in every step, so that the rate alone makes the difference; more where they go in threes. */
const fewest = 8;
/** The loss counts as grown from this multiple of where it began. */
const growth = 1.2;
/** Shares of the rate at which the loss grew: slower than the first is a waste, faster than the last a risk. */
const [slowest, good, fastest] = [1 / 40, 1 / 10, 1 / 3] as const;

export interface RangeTestParts extends FitParts {
  /** Frames in each run of the gradient. */
  readonly atOnce: number;
}

/**
 * The usual learning rate where the loss bears it, else a tenth of the one at which the loss grows.
 *
 * Takes up to a dozen steps of eight frames, which are not kept. Throws the signal's reason.
 */
export async function testedRate(
  { gradient, indices, settings, atOnce }: RangeTestParts,
  start: AdapterWeights,
  signal?: AbortSignal,
): Promise<LearningRate> {
  const limit = await growsAt({ gradient, indices, settings, atOnce }, start, signal);
  const kept = slowest * limit <= 1 && 1 <= fastest * limit;
  const factor = kept ? 1 : good * limit;
  return { conv1: factor * usualLearningRate.conv1, conv2: factor * usualLearningRate.conv2 };
}

/** Factor of the first step after which the loss had grown; the next higher one where none did it. */
async function growsAt(
  { gradient, indices, settings, atOnce }: RangeTestParts,
  start: AdapterWeights,
  signal?: AbortSignal,
): Promise<number> {
  const frames = Math.ceil(fewest / atOnce) * atOnce;
  const factorAt = (step: number) => lowest * 2 ** step;
  let [first, done] = [Infinity, 0];
  const short = { ...settings, learningRate: usualLearningRate, batch: frames, steps: tries + 1 };
  const until = ({ step, loss }: StepRecord) => {
    if (step === 1) first = loss;
    if (loss > growth * first) return true;
    done = step;
    return false;
  };
  try {
    const parts = { gradient, indices: indices.slice(0, frames), settings: short, schedule: factorAt };
    await fit(parts, { start, signal, until });
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
  }
  // A step tells its loss before its own update: that of the step before is to blame.
  return factorAt(Math.max(0, done - 1));
}
