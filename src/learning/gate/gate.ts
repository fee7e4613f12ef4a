/** Whether a fitted front end may take the place of the one that is there: in doubt it may not. */
import { binomialTail, chanceOfGain, chanceOfIncrease } from '../chance.ts';
import { mean } from '../mean.ts';
import { seededRandom } from '../random.ts';
import { totalVariation, type Evidence } from './evidence.ts';
import { percent } from '../../output/percent.ts';

export interface Check {
  readonly name: string;
  readonly passed: boolean;
  /** What was found, and what was needed. */
  readonly text: string;
}

export interface Verdict {
  readonly adopted: boolean;
  readonly checks: readonly Check[];
  /** One sentence. */
  readonly reason: string;
}

export interface GateInput {
  readonly previous: Evidence;
  readonly candidate: Evidence;
  /** Class rates of the stream's good time, where they are known. */
  readonly expectedRates?: readonly number[] | undefined;
}

/** A distance from the statistics below which there is nothing to gain: undamaged photographs of any kind are below. */
export const undamagedDistance = 0.06;
/** From here on the previous front end's confident answers are not believed. */
const farDistance = 0.15;
/** The candidate's distance must be below this share of the previous one's. */
const clearlySmaller = 0.7;
/** With more of the frames in one class nobody can tell a scene from a fault. */
const mostOfOneClass = 0.85;
/** Largest distance of the class rates from the expected ones, beyond what chance explains. */
const mostVariation = 0.15;
const confident = 0.95;
const leastAgreement = 0.98;
const significance = 0.05;

/**
 * With labels: not worse, and either better by more than chance (by McNemar's test of the answers, or
 * the bootstrap of the labels' likelihood, which tells more apart by few frames) or as good with every
 * label-free sign for it. Without: every label-free sign.
 */
export function judge(input: GateInput): Verdict {
  const { labelled } = input.candidate;
  if (labelled === undefined) return verdict(labelFreeChecks(input));
  const [sane, notWorse, better] = labelChecks(input);
  if (!sane.passed || !notWorse.passed) return verdict([sane, notWorse]);
  if (better.passed) return verdict([sane, notWorse, better]);
  const others = labelFreeChecks(input);
  if (others.every(({ passed }) => passed)) return verdict([sane, notWorse, ...others]);
  return verdict([sane, notWorse, better, ...others]);
}

export function verdict(checks: readonly Check[]): Verdict {
  const failed = checks.filter(({ passed }) => !passed);
  const reason = (failed.length > 0 ? failed : checks).map(({ text }) => text).join('; ');
  return { adopted: failed.length === 0, checks, reason };
}

function labelFreeChecks(input: GateInput): Check[] {
  return [distanceCheck(input), confidenceCheck(input), ratesCheck(input), agreementCheck(input)];
}

function distanceCheck({ previous, candidate }: GateInput): Check {
  const passed = candidate.distance < clearlySmaller * previous.distance && previous.distance > undamagedDistance;
  return {
    name: 'statistics',
    passed,
    text:
      `the statistics' distance goes from ${previous.distance.toFixed(3)} to ${candidate.distance.toFixed(3)}` +
      (passed ? '' : `, which must be from above ${undamagedDistance} to below ${clearlySmaller} of it`),
  };
}

/**
 * `slack`: what mean confidence may fall by. None for what is to be taken: with statistics that came nearer it was seen to
 * fall by 0.002 at H.264 crf 51 and by 0.003 in over-exposure, and 1.5 and 1.1 points of accuracy with it.
 */
export function confidenceCheck({ previous, candidate }: GateInput, slack = 0): Check {
  const name = 'confidence';
  const change = `the mean confidence goes from ${previous.meanConfidence.toFixed(3)} to ${candidate.meanConfidence.toFixed(3)}`;
  if (farOff(previous) && Math.max(...previous.classRates) > mostOfOneClass) {
    // Frames that all look alike to the classifier are alike in confidence too.
    return { name, passed: true, text: `${change}, which says nothing where nearly all frames were given one class` };
  }
  const passed = candidate.meanConfidence >= previous.meanConfidence - slack;
  return { name, passed, text: `${change}${passed ? '' : ', and must not fall'}` };
}

/** Whether a front end's statistics are so far from their target that its confidence is worth little. */
export function farOff({ distance }: Evidence): boolean {
  return distance >= farDistance;
}

function ratesCheck({ candidate, expectedRates }: GateInput): Check {
  if (expectedRates === undefined) {
    const largest = Math.max(...candidate.classRates);
    const passed = largest <= mostOfOneClass;
    const text = `${percent(largest, 1)} of the frames are given one class${passed ? '' : `, where more than ${percent(mostOfOneClass, 1)} cannot be told from a fault without a baseline`}`;
    return { name: 'class rates', passed, text };
  }
  const variation = totalVariation(candidate.classRates, expectedRates);
  const allowed = mostVariation + 1 / Math.sqrt(candidate.frames);
  const passed = variation <= allowed;
  return {
    name: 'class rates',
    passed,
    text: `the class rates are ${percent(variation, 1)} off those of the baseline${passed ? '' : `, ${percent(allowed, 1)} at most is allowed`}`,
  };
}

export function agreementCheck({ previous, candidate }: GateInput): Check {
  const name = 'agreement';
  if (farOff(previous)) {
    const text = `agreement with the previous front end is not asked for, since its statistics are ${previous.distance.toFixed(2)} off`;
    return { name, passed: true, text };
  }
  const sure = previous.predictions.flatMap(({ confidence }, i) => (confidence >= confident ? [i] : []));
  const agreeing = sure.filter((i) => candidate.predictions[i]?.label === previous.predictions[i]?.label).length;
  // As many disagreements as chance explains where 98 of 100 agree.
  const chance = binomialTail(sure.length - agreeing, sure.length, 1 - leastAgreement);
  const passed = chance >= significance;
  return {
    name,
    passed,
    text:
      `${agreeing} of ${sure.length} frames of which the previous front end is sure are given the same class` +
      (passed ? '' : `, fewer than ${percent(leastAgreement, 1)}`),
  };
}

function labelChecks({ previous, candidate }: GateInput): [sane: Check, notWorse: Check, better: Check] {
  const before = previous.labelled?.right ?? [];
  const after = candidate.labelled?.right ?? [];
  const labels = candidate.labelled?.labels ?? [];
  const gained = after.filter((right, i) => right && !before[i]).length;
  const lost = before.filter((right, i) => right && !after[i]).length;
  const [rightBefore, rightAfter] = [count(before), count(after)];
  const majority = Math.max(
    ...candidate.classRates.map((_, label) => labels.filter((given) => given === label).length),
  );
  const best = Math.max(rightBefore, rightAfter);
  const sane = binomialTail(best, labels.length, majority / labels.length) < significance;
  const from = `${rightBefore} to ${rightAfter} of ${after.length}`;
  return [
    {
      name: 'labels',
      passed: sane,
      text: sane
        ? 'the labels fit the frames'
        : `only ${best} of ${labels.length} labels are met, no more than by always saying the commonest; the labels do not fit the frames, or are of one class`,
    },
    {
      name: 'accuracy',
      passed: gained >= lost,
      text: `labels met go from ${from}${gained >= lost ? '' : ', which is worse'}`,
    },
    gainCheck({ gained, lost }, previous.labelled?.logLikelihoods ?? [], candidate.labelled?.logLikelihoods ?? []),
  ];
}

function gainCheck(
  { gained, lost }: { readonly gained: number; readonly lost: number },
  before: readonly number[],
  after: readonly number[],
): Check {
  const byAnswers = chanceOfGain(gained, lost);
  const differences = after.map((value, i) => value - (before[i] ?? NaN));
  const byLikelihood = chanceOfIncrease(differences, seededRandom(1));
  const passed = Math.min(byAnswers, byLikelihood) < significance;
  return {
    name: 'gain',
    passed,
    text:
      `${gained} gained and ${lost} lost, by chance in ${percent(byAnswers, 1)} of cases; ` +
      `the labels' log likelihood goes from ${mean(before).toFixed(3)} to ${mean(after).toFixed(3)}, ` +
      `by chance in ${percent(byLikelihood, 1)}${passed ? '' : `; one of the two must be below ${percent(significance, 1)}`}`,
  };
}

function count(values: readonly boolean[]): number {
  return values.filter(Boolean).length;
}
