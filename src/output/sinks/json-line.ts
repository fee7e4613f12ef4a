/** A record as a line, as docs/events.md describes it. Changing the meaning of a key changes `schema`. */
import type { StateEvent } from '../../domain/event.ts';
import type { ScoredPrediction } from '../../domain/prediction.ts';
import { redact } from '../../domain/redact.ts';
import { micro } from '../micro.ts';
import type { SinkRecord } from './sink.ts';

const schemaVersion = 1;

/** How many labels a prediction's line names. */
const topLabels = 5;

export function jsonLine(record: SinkRecord, date: Date): string {
  return record.type === 'event'
    ? eventLine(record.event, date)
    : predictionLine(record.prediction, record.labels, date);
}

function eventLine(event: StateEvent, date: Date): string {
  return line({
    schema: schemaVersion,
    type: 'event',
    time: date.toISOString(),
    stream: redact(event.stream),
    kind: event.kind,
    label: event.label,
    probability: rounded(event.probability),
    taken_at: wallClock(event.takenAt),
    presentation_seconds: rounded(event.presentationSeconds),
    since_seconds: rounded(event.sinceSeconds),
    duration_seconds: rounded(event.durationSeconds),
    sequence: event.sequence,
    final: event.final,
  });
}

function predictionLine(prediction: ScoredPrediction, labels: readonly string[], date: Date): string {
  return line({
    schema: schemaVersion,
    type: 'prediction',
    time: date.toISOString(),
    stream: redact(prediction.stream),
    source: prediction.source === undefined ? undefined : redact(prediction.source),
    sequence: prediction.sequence,
    taken_at: wallClock(prediction.takenAt),
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

function wallClock(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : micro(value);
}

/** Positions of the largest values, largest first, without sorting a thousand of them per frame. */
function best(probabilities: Float32Array): number[] {
  const places: number[] = [];
  let least = -Infinity;
  for (let index = 0; index < probabilities.length; index++) {
    const probability = probabilities[index] ?? NaN;
    if (places.length === topLabels && !(probability > least)) continue;
    const place = places.findIndex((other) => probability > (probabilities[other] ?? NaN));
    places.splice(place < 0 ? places.length : place, 0, index);
    places.length = Math.min(places.length, topLabels);
    least = probabilities[places.at(-1) ?? -1] ?? NaN;
  }
  return places;
}
