/** A search as a report: every trial, its curves, and which learning rate gave which score. */
import type { ChartBlock, Report, Series } from '../../output/report/data.ts';
import type { SearchResult } from '../../search/search.ts';
import type { Objective, TrialLog } from '../../search/trial-log.ts';
import { epochCharts } from '../epoch-charts.ts';
import { valuesText } from './search-progress.ts';
import { learningRateName } from './search-space.ts';

export interface TuneReportParts {
  readonly result: SearchResult;
  readonly objective: Objective;
  readonly facts: readonly (readonly [name: string, value: string | number])[];
}

export function tuneReport({ result, objective, facts }: TuneReportParts): Report {
  const { trials, best } = result;
  const curves = tuneCharts(result, objective);
  return {
    title: 'Search for the learning rate',
    summary:
      best?.score == null
        ? 'No trial has completed.'
        : `${valuesText(best.values)} gave the best ${objective.name}, ${best.score.toFixed(4)}.`,
    sections: [
      { heading: 'Trials', blocks: [trialTableBlock(trials, objective), ...curves] },
      { heading: 'Search', blocks: [{ kind: 'facts', facts }] },
    ],
  };
}

/** Score by learning rate, score over the search's time, accuracy and loss per epoch. */
export function tuneCharts({ trials }: SearchResult, { name }: Objective): ChartBlock[] {
  const y = name === 'val_accuracy' ? ({ label: name, unit: 'percent' } as const) : { label: name };
  const scored = trials.filter(({ score }) => score !== null);
  const byRate = scored.map(({ values, score }) => ({ x: Number(values[learningRateName]), y: score ?? NaN }));
  let seconds = 0;
  const overTime = scored.map((trial) => ({ x: (seconds += trial.seconds), y: trial.score ?? NaN }));
  return [
    {
      kind: 'chart',
      title: 'Learning rate and score',
      mark: 'point',
      y,
      x: { label: 'learning rate', scale: 'log' },
      series: [{ name: 'trials', points: byRate }],
    },
    {
      kind: 'chart',
      title: 'Trials over time',
      mark: 'line',
      y,
      x: { label: 'training time', unit: 'seconds' },
      series: [{ name: 'trials', points: overTime }],
    },
    ...epochCharts(curvesOf(trials, 'val_accuracy'), curvesOf(trials, 'val_loss')),
  ];
}

/** The first execution of each trial. */
function curvesOf(trials: readonly TrialLog[], metric: string): Series[] {
  return trials.map(({ values, executions: [first] }) => ({
    name: valuesText(values),
    points: (first?.epochs ?? []).map(({ epoch, metrics }) => ({ x: epoch + 1, y: metrics[metric] ?? NaN })),
  }));
}

function trialTableBlock(trials: readonly TrialLog[], { name }: Objective) {
  return {
    kind: 'table',
    columns: ['trial', 'values', 'epochs', 'time', name, 'status'],
    rows: trials.map(({ id, values, executions, seconds, score, status }) => [
      id,
      valuesText(values),
      executions.reduce((sum, { epochs }) => sum + epochs.length, 0),
      { value: seconds, unit: 'seconds' } as const,
      score ?? undefined,
      status.toLowerCase(),
    ]),
  } as const;
}
