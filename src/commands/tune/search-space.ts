/** What the command line says is to be searched. */
import { UsageError } from '../../domain/errors.ts';
import { choice, float, type Hyperparameter, type Space } from '../../search/space.ts';

/** Keras Tuner's names, so that its tools read the journal as theirs. */
export const learningRateName = 'learning_rate';
export const batchSizeName = 'batch_size';

export interface Searched {
  readonly space: Space;
  /** The batch size, where there is nothing to search about it. */
  readonly batch: number | undefined;
}

/**
 * `lr`: values between commas, or two with `..` between them for any value between, evenly in the logarithm.
 * `batch`: integers between commas; a single one is left out of the space, because every parameter in it takes
 * part in the drawing, and Keras Tuner's trials would come in another order. Throws a `UsageError` for
 * anything else.
 */
export function searchSpace(lr: string, batch: string): Searched {
  const batches = listOf(batch, '--batch', isBatch, 'integers from 1 on');
  const rates = learningRates(lr);
  if (batches.length === 1) return { space: [rates], batch: batches[0] };
  return { space: [rates, choice(batchSizeName, batches)], batch: undefined };
}

function learningRates(text: string): Hyperparameter {
  const [low, high, ...more] = text.split('..').map(Number);
  if (high === undefined) {
    return choice(
      learningRateName,
      listOf(text, '--lr', (value) => value > 0, 'numbers above 0'),
    );
  }
  if (low !== undefined && low > 0 && high > low && Number.isFinite(high) && more.length === 0) {
    return float(learningRateName, low, high, { sampling: 'log' });
  }
  throw new UsageError(`--lr must be two numbers above 0, the lower one first, as in 1e-5..1e-2, it was "${text}"`);
}

function listOf(text: string, name: string, fits: (value: number) => boolean, what: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  const values = parts.map(Number);
  if (parts.every((part) => part !== '') && values.every((value) => Number.isFinite(value) && fits(value))) {
    return values;
  }
  throw new UsageError(`${name} must be ${what} with commas between them, it was "${text}"`);
}

function isBatch(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
