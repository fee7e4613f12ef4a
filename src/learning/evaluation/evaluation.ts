/** What a front end makes of a set of frames, and two of them beside each other. */
import { argmax } from '../../domain/argmax.ts';
import type { Random } from '../random.ts';
import { bootstrapMean, mcnemar, wilson, type Share } from './intervals.ts';
import {
  calibrationError,
  classRates,
  confusionOf,
  flips,
  meanConfidence,
  meanKl,
  negativeLogLikelihood,
  probabilityShift95,
  reliability,
  type Flip,
  type Probabilities,
  type ReliabilityBin,
} from './metrics.ts';

/** Against the reference path: the same pictures resized by the kernel of training, then the classifier. */
export interface Agreement {
  /** Share of frames with the same first answer. */
  readonly agreement: Share;
  /** Mean KL(reference ‖ front end), nats. */
  readonly kl: number;
  readonly shift95: number;
  /** From the reference's answer to the front end's. */
  readonly flips: readonly Flip[];
}

/** What only labels tell. */
export interface Correctness {
  readonly accuracy: Share;
  readonly nll: number;
  readonly ece: number;
  readonly reliability: readonly ReliabilityBin[];
  /** Per label: how many of its frames are recognised; undefined where there are none. */
  readonly recall: readonly (Share | undefined)[];
  /** confusion[true][answered] */
  readonly confusion: readonly (readonly number[])[];
}

export interface Evaluation {
  readonly frames: number;
  readonly meanConfidence: number;
  readonly classRates: readonly number[];
  readonly reference: Agreement | undefined;
  readonly labelled: Correctness | undefined;
}

export interface Answers {
  readonly probabilities: Probabilities;
  /** Of the reference path on the same frames, where it was run. */
  readonly reference?: Probabilities | undefined;
  readonly labels?: ArrayLike<number> | undefined;
  readonly classes: number;
}

export function evaluate({ probabilities, reference, labels, classes }: Answers): Evaluation {
  return {
    frames: probabilities.length,
    meanConfidence: meanConfidence(probabilities),
    classRates: classRates(probabilities, classes),
    reference: reference && agreementOf(reference, probabilities),
    labelled: labels && correctnessOf(probabilities, labels, classes),
  };
}

export function agreementOf(reference: Probabilities, probabilities: Probabilities): Agreement {
  const changed = flips(reference, probabilities);
  const count = changed.reduce((sum, flip) => sum + flip.count, 0);
  return {
    agreement: wilson(reference.length - count, reference.length),
    kl: meanKl(reference, probabilities),
    shift95: probabilityShift95(reference, probabilities),
    flips: changed,
  };
}

function correctnessOf(probabilities: Probabilities, labels: ArrayLike<number>, classes: number): Correctness {
  const confusion = confusionOf(probabilities.map(argmax), labels, classes);
  const right = confusion.reduce((sum, row, label) => sum + (row[label] ?? 0), 0);
  const bins = reliability(probabilities, labels);
  return {
    accuracy: wilson(right, probabilities.length),
    nll: negativeLogLikelihood(probabilities, labels),
    ece: calibrationError(bins),
    reliability: bins,
    recall: confusion.map((row, label) => {
      const total = row.reduce((sum, count) => sum + count, 0);
      return total === 0 ? undefined : wilson(row[label] ?? 0, total);
    }),
    confusion,
  };
}

/** Two front ends on the same frames; with labels also which of them is right more often. */
export interface Comparison {
  readonly frames: number;
  readonly flips: readonly Flip[];
  readonly labelled:
    | {
        /** Accuracy of the second minus that of the first, with its bootstrap interval. */
        readonly difference: Share;
        readonly onlyFirstRight: number;
        readonly onlySecondRight: number;
        /** McNemar's p. */
        readonly p: number;
      }
    | undefined;
}

export function compare(
  first: Probabilities,
  second: Probabilities,
  labels: ArrayLike<number> | undefined,
  random: Pick<Random, 'uniform'>,
): Comparison {
  return {
    frames: first.length,
    flips: flips(first, second),
    labelled: labels && compareLabelled(first, second, labels, random),
  };
}

function compareLabelled(
  first: Probabilities,
  second: Probabilities,
  labels: ArrayLike<number>,
  random: Pick<Random, 'uniform'>,
): Comparison['labelled'] {
  const right = (p: Float32Array | undefined, n: number) => (p !== undefined && argmax(p) === labels[n] ? 1 : 0);
  const differences = first.map((p, n) => right(second[n], n) - right(p, n));
  const onlyFirstRight = differences.filter((difference) => difference < 0).length;
  const onlySecondRight = differences.filter((difference) => difference > 0).length;
  return {
    difference: bootstrapMean(differences, random),
    onlyFirstRight,
    onlySecondRight,
    p: mcnemar(onlyFirstRight, onlySecondRight),
  };
}
