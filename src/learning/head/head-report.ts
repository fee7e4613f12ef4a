/** A training as a report: its course, its confusions, its calibration, photographs right and wrong. */
import { logProbabilities } from '../../domain/decision-rule.ts';
import type { Block, Cell, ChartBlock, ImagesBlock, Report } from '../../output/report/data.ts';
import { wilson } from '../evaluation/intervals.ts';
import { calibrationError, reliability } from '../evaluation/metrics.ts';
import { confusionMatrix, scores } from './classification.ts';
import type { TrainedHead } from './train-head.ts';

/** A labelled set that the head was measured on. */
export interface MeasuredSet {
  /** As the reader knows it: validation, test. */
  readonly name: string;
  readonly logits: readonly ArrayLike<number>[];
  readonly classes: readonly number[];
}

export interface HeadReportParts {
  readonly title: string;
  readonly labels: readonly string[];
  readonly trained: Pick<TrainedHead, 'epochs' | 'best' | 'temperature'>;
  /** What came of fine-tuning, in a sentence, and its course. */
  readonly tuning?: { readonly text: string; readonly epochs: TrainedHead['epochs'] } | undefined;
  readonly sets: readonly MeasuredSet[];
  readonly examples: ImagesBlock | undefined;
  readonly facts: readonly (readonly [name: string, value: Cell])[];
}

export function headReport({ title, labels, trained, tuning, sets, examples, facts }: HeadReportParts): Report {
  const { best, epochs } = trained;
  return {
    title,
    summary:
      `The weights of epoch ${best.epoch + 1} of ${epochs.length} are kept, which has the lowest validation loss.` +
      (tuning ? ` ${tuning.text}` : ''),
    sections: [
      { heading: 'Accuracy', blocks: [accuracyTable(sets, trained.temperature)] },
      { heading: 'Course', blocks: epochCharts(epochs) },
      ...(tuning?.epochs.length ? [{ heading: 'Course of the fine-tuning', blocks: epochCharts(tuning.epochs) }] : []),
      { heading: 'Confusion', blocks: sets.map((set) => confusion(set, labels)) },
      { heading: 'Calibration', blocks: sets.map((set) => calibration(set, trained.temperature)) },
      ...(examples === undefined ? [] : [{ heading: 'Photographs', blocks: [examples] }]),
      { heading: 'Record', blocks: [{ kind: 'facts', facts }] },
    ],
  };
}

/** Accuracy and loss per epoch, each of the training and the validation part. */
export function epochCharts(epochs: TrainedHead['epochs']): readonly [accuracy: ChartBlock, loss: ChartBlock] {
  const chart = (title: string, figure: 'accuracy' | 'loss'): ChartBlock => ({
    kind: 'chart',
    title,
    mark: 'line',
    x: { label: 'epoch' },
    y: { label: figure, ...(figure === 'accuracy' && { unit: 'percent' }) },
    series: (['training', 'validation'] as const).map((part) => ({
      name: part,
      points: epochs.map(({ epoch, ...parts }) => ({ x: epoch + 1, y: parts[part][figure] })),
    })),
  });
  return [chart('Accuracy per epoch', 'accuracy'), chart('Loss per epoch', 'loss')];
}

function accuracyTable(sets: readonly MeasuredSet[], temperature: number): Block {
  return {
    kind: 'table',
    caption: 'With 95 % intervals',
    columns: ['photographs of', 'count', 'accuracy', 'loss', 'calibration error', 'calibrated'],
    rows: sets.map(({ name, logits, classes }) => {
      const { accuracy, loss } = scores(logits, classes);
      const right = Math.round(accuracy * classes.length);
      const error = (at: number): Cell => ({
        value: calibrationError(reliability(probabilities(logits, at), classes)),
        unit: 'percent',
      });
      return [
        name,
        classes.length,
        { ...wilson(right, classes.length), unit: 'percent' },
        loss,
        error(1),
        error(temperature),
      ];
    }),
  };
}

function confusion({ name, logits, classes }: MeasuredSet, labels: readonly string[]): Block {
  return { kind: 'confusion', title: name, labels, counts: confusionMatrix(logits, classes, labels.length) };
}

function calibration({ name, logits, classes }: MeasuredSet, temperature: number): Block {
  const bins = (at: number) => reliability(probabilities(logits, at), classes, 10);
  return {
    kind: 'reliability',
    title: name,
    series: [
      { name: 'as trained', bins: bins(1) },
      { name: `at temperature ${temperature.toFixed(2)}`, bins: bins(temperature) },
    ],
  };
}

function probabilities(logits: readonly ArrayLike<number>[], temperature: number): Float32Array[] {
  return logits.map((row) => Float32Array.from(logProbabilities(row, temperature), Math.exp));
}
