/** The records of the events file, described in docs/events.md. Changing their meaning changes `schema`. */
import type { StateEvent } from '../domain/event.ts';
import type { Prediction } from '../domain/prediction.ts';
import { redact } from '../domain/redact.ts';

export const schemaVersion = 1;

/** How many labels a prediction's line names. */
const topLabels = 5;

/** What a prediction's line is made from. */
export type ScoredPrediction = Omit<Prediction, 'logits'> & {
  /** Smoothed, calibrated, 0 to 1, in the order of the bundle's labels. */
  readonly probabilities: Float32Array;
  /** The picture's file, where the source is a folder of them. */
  readonly source?: string;
};

export function eventLine(event: StateEvent, date: Date): string {
  return line({
    schema: schemaVersion,
    type: 'event',
    time: date.toISOString(),
    stream: redact(event.stream),
    kind: event.kind,
    label: event.label,
    probability: rounded(event.probability),
    presentation_seconds: rounded(event.presentationSeconds),
    since_seconds: rounded(event.sinceSeconds),
    duration_seconds: rounded(event.durationSeconds),
    sequence: event.sequence,
    final: event.final,
  });
}

export function predictionLine(prediction: ScoredPrediction, labels: readonly string[], date: Date): string {
  return line({
    schema: schemaVersion,
    type: 'prediction',
    time: date.toISOString(),
    stream: redact(prediction.stream),
    source: prediction.source === undefined ? undefined : redact(prediction.source),
    sequence: prediction.sequence,
    presentation_seconds: rounded(prediction.presentationSeconds),
    age_seconds: rounded((prediction.decidedAt - prediction.capturedAt) / 1000),
    native_width: prediction.native.width,
    native_height: prediction.native.height,
    labels: best(prediction.probabilities).map((index) => ({
      label: labels[index],
      probability: rounded(prediction.probabilities[index]),
    })),
  });
}

/** JSON leaves out what is `undefined` and has no line breaks of its own. */
function line(record: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(record)}\n`;
}

/** Six decimals: microseconds, and less than a float32 knows. */
function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 1e6) / 1e6;
}

/** Positions of the largest values, largest first, without sorting a thousand of them per frame. */
function best(probabilities: Float32Array): number[] {
  const found: number[] = [];
  let least = -Infinity;
  for (let index = 0; index < probabilities.length; index++) {
    const probability = probabilities[index] ?? NaN;
    if (found.length === topLabels && !(probability > least)) continue;
    const place = found.findIndex((other) => probability > (probabilities[other] ?? NaN));
    found.splice(place < 0 ? found.length : place, 0, index);
    found.length = Math.min(found.length, topLabels);
    least = probabilities[found.at(-1) ?? -1] ?? NaN;
  }
  return found;
}
