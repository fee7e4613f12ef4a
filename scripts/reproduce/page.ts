/** docs/reproduction.md */
import type { SearchResult } from '../../src/search/search.ts';
import type { TrialLog } from '../../src/search/trial-log.ts';
import type { FrontEnds, Measured } from './front-ends.ts';
import type { Layer } from './layers.ts';
import type { HeadSearches } from './searches.ts';
import { batch, type Setting } from './setting.ts';
import { percent } from '../../src/output/percent.ts';

export interface PageParts {
  readonly setting: Setting;
  readonly searches: HeadSearches;
  readonly ends: FrontEnds;
  readonly layers: readonly Layer[];
  readonly machine: string;
}

export function reproductionPage({ setting, searches, ends, layers, machine }: PageParts): string {
  const { quick, fitFrames, epochs, seed } = setting;
  const total = layers.reduce((sum, { parameters }) => sum + parameters, 0);
  const frozen = layers.filter(({ trained }) => !trained).reduce((sum, { parameters }) => sum + parameters, 0);
  return `# The paper, reproduced

\`npm run reproduce\` measures all of this and writes this page${quick ? '; this one is of `--quick`, with few photographs: its figures show that it runs, no more' : ''}. Machine:
${machine}. Data: photographs of Asirra, "Dogs vs. Cats", which do not ship. The paper's figures are those of its
text, on its own data and machine; they stand beside ours to be compared in kind, not in the last digit.

## The search for the learning rate

The paper: four trials with Keras Tuner (Hyperband, random search, Bayesian optimisation) over 1e-2 … 1e-5, five epochs
each. Here: the same head (Flatten, Dense 64, Dense 1) on the features of InceptionV3 at 150×150, ${searches.photographs}
photographs of \`train\`, a fifth of them for validation, batch ${batch}, Adam, seed ${seed}. The backbone has seen photographs
of this set before (it is the shipped bundle's), so accuracies are high from the first epoch; times are of the head alone, the
backbone's features being computed once.

All learning rates for all epochs, in the order of Keras Tuner's RandomSearch:

${trialTable(searches.exhaustive.trials)}

![Accuracy and loss per epoch for each learning rate](reproduction-search.svg)

${table(
  ['algorithm', 'trials', 'epochs', 'learning rate found', 'validation accuracy'],
  [{ algorithm: 'random (all)', result: searches.exhaustive }, ...searches.others].map(({ algorithm, result }) => [
    algorithm,
    String(result.trials.length),
    String(result.trials.reduce((sum, trial) => sum + epochsOf(trial), 0)),
    rateOf(result),
    percent(result.best?.score ?? NaN),
  ]),
)}

## The network

${table(
  ['layer', 'output', 'parameters', 'trained on the box'],
  layers.map(({ name, output, parameters, trained }) => [name, output, count(parameters), trained ? 'yes' : 'no']),
)}

${count(frozen)} frozen + ${count(total - frozen)} trained = ${count(total)} parameters; the paper: 22,982,561 + 528.

## The front end at 300×300

Test photographs stretched to 300×300 and classified through the front end (stride 1, then 2). Fitted on ${fitFrames} photographs
of \`train\`, a fifth of them for choosing, ${epochs} epochs at most, Adam at a constant learning rate, batch ${batch}, with labels.
Intervals are Wilson's, 95 %.

${table(
  ['front end', 'test photographs', 'accuracy', 'interval', 'cross-entropy', 'fitted in'],
  [
    measuredRow('none: area resize straight to 150×150', ends.classic, 'nothing to fit'),
    measuredRow(
      `the paper's: random weights, labels, ${epochs} epochs, learning rate ${rateOf(ends.paper)}`,
      ends.paperMeasured,
      minutes(ends.paper.best),
    ),
    measuredRow('ours: closed form', ends.closedForm, 'milliseconds, no data'),
    measuredRow(
      `ours: fitted from the closed form with labels, learning rate ${rateOf(ends.fitted)}`,
      ends.fittedMeasured,
      minutes(ends.fitted.best),
    ),
  ],
)}

| the paper's own figures | accuracy | fitted in |
| --- | --- | --- |
| the classifier without a front end | 92.07 % | |
| with its front end, random weights, 5 epochs with labels | 84.37 % | 48 minutes |

The paper's training for each learning rate, on our data:

${trialTable(ends.paper.trials)}

![Accuracy and loss per epoch of the front end from random weights](reproduction-front-end.svg)
`;
}

function trialTable(trials: readonly TrialLog[]): string {
  return table(
    ['trial', 'epochs', 'learning rate', 'time', 'validation accuracy'],
    trials.map((trial) => [
      trial.id,
      String(epochsOf(trial)),
      String(trial.values['learning_rate']),
      `${trial.seconds.toFixed(1)} s`,
      percent(trial.score ?? NaN),
    ]),
  );
}

function measuredRow(name: string, { frames, accuracy, loss }: Measured, time: string): string[] {
  const { value, low, high } = accuracy;
  return [name, String(frames), percent(value), `${percent(low)} to ${percent(high)}`, loss.toFixed(4), time];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function epochsOf({ executions }: TrialLog): number {
  return executions.reduce((sum, { epochs }) => sum + epochs.length, 0);
}

function rateOf({ best }: SearchResult): string {
  return String(best?.values['learning_rate'] ?? '-');
}

function minutes(best: TrialLog | null): string {
  return best === null ? '-' : `${(best.seconds / 60).toFixed(1)} minutes`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
