import type { Seen, UnreadablePicture } from '../domain/frame.ts';
import type { PictureResult } from '../domain/prediction.ts';
import { micro } from './micro.ts';
import { pictureRows } from './picture-table.ts';
import type { Quantiles } from './quantiles.ts';
import { unpainted, type Paint } from './paint.ts';
import { fitted, plain, width } from './terminal-text.ts';

/** received = classified + dropped + in flight. */
export interface FrameCounts {
  readonly received: number;
  readonly classified: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly inFlight: number;
}

export interface StreamSummary {
  readonly stream: string;
  readonly frames: FrameCounts;
  /** From a frame being complete to its decision, seconds. */
  readonly age: Quantiles;
  readonly events: number;
  /** How long each label was on, longest first. */
  readonly secondsPerLabel: readonly (readonly [label: string, seconds: number])[];
  /** Pictures that were not classified. */
  readonly unreadable: readonly UnreadablePicture[];
  /** Of a source whose duration is known. */
  readonly seen?: Seen;
  /** What those are that were. */
  readonly pictures: readonly PictureResult[];
}

export interface RunSummary {
  /** Wall-clock length of the run. */
  readonly seconds: number;
  readonly streams: readonly StreamSummary[];
  /** Durations in seconds. */
  readonly stages: readonly { readonly stage: string; readonly duration: Quantiles }[];
}

export interface TableOptions {
  /** With quantiles, and a table of the stages. */
  readonly verbose?: boolean;
  readonly paint?: Paint;
  /** Rows of pictures that there are at most; all by default. */
  readonly mostPictures?: number;
}

/** The summary for people: tables, aligned. */
export function summaryTable(summary: RunSummary, options: TableOptions = {}): string {
  const { verbose = false, paint = unpainted, mostPictures = Infinity } = options;
  const { rows: pictures, rest } = pictureRows(
    summary.streams.flatMap((stream) => stream.pictures),
    mostPictures,
  );
  const latencies = (age: Quantiles) => (verbose ? quantileCells(age) : quantileCells(age).slice(0, 1));
  const frames = summary.streams.map(({ stream, frames: counts, age, events }) => [
    plain(stream),
    String(counts.received),
    String(counts.classified),
    droppedText(counts),
    rate(counts, summary).toFixed(1),
    ...latencies(age),
    String(events),
  ]);
  if (frames.length > countable) frames.push(totalRow(summary, verbose));
  const stages = summary.stages.map(({ stage, duration }) => [
    plain(stage),
    String(duration.count),
    ...quantileCells(duration),
  ]);
  const labels = summary.streams.flatMap(({ stream, secondsPerLabel }) =>
    secondsPerLabel.map(([label, seconds]) => [plain(stream), plain(label), seconds.toFixed(1)]),
  );
  const incomplete = summary.streams.flatMap(({ stream, seen }) =>
    seen?.complete === false ? [[plain(stream), seen.seconds.toFixed(1), seen.durationSeconds.toFixed(1)]] : [],
  );
  const quantileHeads = ['p50 ms', 'p90 ms', 'p99 ms', 'max ms'];
  return [
    table(
      [
        'stream',
        'frames',
        'classified',
        'dropped',
        'frames/s',
        ...(verbose ? quantileHeads : ['latency ms']),
        'events',
      ],
      frames,
      paint,
    ),
    verbose ? table(['stage', 'runs', ...quantileHeads], stages, paint) : '',
    table(['stream', 'seen s', 'of s'], incomplete, paint),
    table(['stream', 'label', 'on for s'], labels, paint),
    table(['file', 'label', 'probability'], pictures, paint) + (rest ?? ''),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

/** So many rows are added up by the reader. */
const countable = 20;

function totalRow({ streams, seconds }: RunSummary, verbose: boolean): string[] {
  const sum = (part: (stream: StreamSummary) => number) => streams.reduce((total, stream) => total + part(stream), 0);
  const classified = sum(({ frames }) => frames.classified);
  return [
    `all ${streams.length}`,
    String(sum(({ frames }) => frames.received)),
    String(classified),
    String(sum(({ frames: { dropped } }) => Object.values(dropped).reduce((total, count) => total + count, 0))),
    (seconds > 0 ? classified / seconds : 0).toFixed(1),
    ...(verbose ? ['-', '-', '-', '-'] : ['-']),
    String(sum(({ events }) => events)),
  ];
}

/** The summary for programs; units in the names. */
export function summaryJson(summary: RunSummary) {
  return {
    schema: 1,
    duration_seconds: micro(summary.seconds),
    streams: summary.streams.map(({ stream, frames, age, events, secondsPerLabel, unreadable, pictures, seen }) => ({
      stream,
      frames: {
        received: frames.received,
        classified: frames.classified,
        dropped: frames.dropped,
        in_flight: frames.inFlight,
      },
      frames_per_second: micro(rate(frames, summary)),
      age_seconds: quantilesJson(age),
      events,
      ...(seen && {
        seen: {
          seconds: micro(seen.seconds),
          duration_seconds: micro(seen.durationSeconds),
          complete: seen.complete,
        },
      }),
      labels: secondsPerLabel.map(([label, seconds]) => ({ label, on_seconds: micro(seconds) })),
      pictures: pictures.map(({ file, label, probability }) => ({ file, label, probability: micro(probability) })),
      unreadable: unreadable.map(({ path, reason }) => ({ file: path, reason })),
    })),
    stages: summary.stages.map(({ stage, duration }) => ({ stage, duration_seconds: quantilesJson(duration) })),
  };
}

function quantilesJson({ count, mean, p50, p90, p99, max }: Quantiles) {
  return { count, mean: micro(mean), p50: micro(p50), p90: micro(p90), p99: micro(p99), max: micro(max) };
}

/** Frames classified in a second of the run. */
function rate({ classified }: FrameCounts, { seconds }: RunSummary): number {
  return seconds > 0 ? classified / seconds : 0;
}

function droppedText({ dropped }: FrameCounts): string {
  const reasons = Object.entries(dropped).filter(([, count]) => count > 0);
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  return total === 0 ? '0' : `${total} (${reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')})`;
}

function quantileCells({ count, p50, p90, p99, max }: Quantiles): string[] {
  return [p50, p90, p99, max].map((seconds) => (count > 0 ? (1000 * seconds).toFixed(1) : '-'));
}

/** Numbers to the right, words to the left; nothing at all without rows. */
function table(heads: readonly string[], rows: readonly (readonly string[])[], paint: Paint): string {
  if (rows.length === 0) return '';
  const columns = heads.map((head, i) => Math.max(width(head), ...rows.map((row) => width(row[i] ?? ''))));
  const isNumber = heads.map((_, i) => rows.every((row) => /^[\d.-]+$/.test(row[i] ?? '')));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) =>
        isNumber[i] ? ' '.repeat((columns[i] ?? 0) - width(cell)) + cell : fitted(cell, columns[i] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [paint('bold', line(heads)), ...rows.map(line), ''].join('\n');
}
