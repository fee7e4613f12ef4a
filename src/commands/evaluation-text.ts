/** Evaluations as lines for people. */
import type { Comparison, Evaluation } from '../learning/evaluation/evaluation.ts';
import type { Share } from '../learning/evaluation/intervals.ts';
import type { Flip } from '../learning/evaluation/metrics.ts';
import { percent } from '../output/percent.ts';

/** With a thousand classes only so many are shown, the most frequent. */
const shownClasses = 8;
const shownFlips = 4;

export function evaluationLines(
  name: string,
  { frames, labelled, reference, meanConfidence, classRates }: Evaluation,
  labels: readonly string[],
): string[] {
  return [
    `  ${name}`,
    ...(labelled
      ? [
          row('accuracy', `${interval(labelled.accuracy)} of ${frames} frames`),
          row('calibration', `error ${percent(labelled.ece)}, negative log-likelihood ${labelled.nll.toFixed(4)}`),
          ...perClass(labelled.recall, labels),
        ]
      : [row('frames', String(frames))]),
    ...(reference
      ? [
          row(
            'agreement',
            `${interval(reference.agreement)} with the resize of training, KL ${reference.kl.toFixed(5)}`,
          ),
          ...flipLines(reference.flips, labels),
        ]
      : []),
    row('confidence', percent(meanConfidence)),
    row('answers', rates(classRates, labels)),
  ];
}

export function comparisonLines({ frames, flips, labelled }: Comparison, labels: readonly string[]): string[] {
  const changed = flips.reduce((sum, { count }) => sum + count, 0);
  return [
    '  second against first',
    ...(labelled
      ? [
          row(
            'difference',
            `${points(labelled.difference.value)} points of accuracy (95 %: ${points(labelled.difference.low)} to ${points(labelled.difference.high)})`,
          ),
          row(
            'right alone',
            `first ${labelled.onlyFirstRight}, second ${labelled.onlySecondRight}; McNemar p = ${labelled.p.toPrecision(2)}`,
          ),
        ]
      : []),
    row('other answers', `${changed} of ${frames} frames`),
    ...flipLines(flips, labels),
  ];
}

function perClass(recall: readonly (Share | undefined)[], labels: readonly string[]): string[] {
  const present = recall.flatMap((share, i) => (share ? [{ label: labels[i] ?? String(i), share }] : []));
  const worst = present.toSorted((a, b) => a.share.value - b.share.value).slice(0, shownClasses);
  return worst.map(({ label, share }) => row(`  ${label}`, interval(share)));
}

function flipLines(flips: readonly Flip[], labels: readonly string[]): string[] {
  if (flips.length === 0) return [];
  const shown = flips
    .slice(0, shownFlips)
    .map(({ from, to, count }) => `${labels[from] ?? ''} → ${labels[to] ?? ''} ${count}`);
  return [row('  changed', shown.join(', '))];
}

function rates(classRates: readonly number[], labels: readonly string[]): string {
  return classRates
    .map((rate, i) => ({ label: labels[i] ?? '', rate }))
    .filter(({ rate }) => rate > 0)
    .toSorted((a, b) => b.rate - a.rate)
    .slice(0, shownClasses)
    .map(({ label, rate }) => `${label} ${percent(rate)}`)
    .join(', ');
}

function row(name: string, text: string): string {
  return `    ${name.padEnd(17)} ${text}`;
}

function interval({ value, low, high }: Share): string {
  return `${percent(value)} (95 %: ${percent(low)} to ${percent(high)})`;
}

function points(difference: number): string {
  return `${difference >= 0 ? '+' : ''}${(100 * difference).toFixed(2)}`;
}
