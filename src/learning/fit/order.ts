/** Which frames come in which step: decided by the seed, so that a fit can be repeated and gone on with. */
import { seededRandom } from '../../domain/random.ts';

/**
 * The frames of a step, counted from 0: `batch` of them, each frame once before any comes again,
 * in a new order each time round.
 */
export function batchAt(
  frames: readonly number[],
  step: number,
  { batch, seed }: { batch: number; seed: number },
): number[] {
  const first = step * batch;
  return Array.from({ length: batch }, (_, i) => {
    const round = Math.floor((first + i) / frames.length);
    return shuffled(frames, seed, round)[(first + i) % frames.length] ?? NaN;
  });
}

let last: { frames: readonly number[]; seed: number; round: number; order: readonly number[] } | undefined;

/** One order is remembered: a batch asks for the same one again and again. */
function shuffled(frames: readonly number[], seed: number, round: number): readonly number[] {
  if (last?.frames !== frames || last.seed !== seed || last.round !== round) {
    // Any odd number does: seeds of neighbouring rounds must not be those of neighbouring fits.
    last = { frames, seed, round, order: seededRandom(seed + round * 0x9e3779b1).shuffled(frames) };
  }
  return last.order;
}
