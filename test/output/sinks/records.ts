/** Records, and a sink on a destination of a test's choice, with what it told. */
import type { StateEvent } from '../../../src/domain/event.ts';
import { JsonLines, type JsonLinesOptions } from '../../../src/output/sinks/json-lines.ts';
import type { LineDestination } from '../../../src/output/sinks/line-destination.ts';
import type { Sink, SinkRecord } from '../../../src/output/sinks/sink.ts';

export const onset: StateEvent = {
  stream: 'door',
  kind: 'onset',
  label: 'cup',
  probability: Math.fround(0.4),
  presentationSeconds: 2.5,
  sinceSeconds: 2,
  sequence: 50,
};
export const offset: StateEvent = { ...onset, kind: 'offset', durationSeconds: 3, final: true };

export function eventRecord(event: Partial<StateEvent> = {}): SinkRecord {
  return { type: 'event', stream: 'door', event: { ...onset, ...event } };
}

export const predictionRecord = {
  type: 'prediction',
  stream: 'door',
  prediction: {
    stream: 'door',
    sequence: 7,
    presentationSeconds: 1 / 3,
    capturedAt: 1000,
    decidedAt: 1032.5,
    native: { width: 1920, height: 1080 },
    probabilities: Float32Array.of(0.1, 0.3, 0, 0.25, 0.05, 0.2, 0.1),
  },
  labels: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
} as const satisfies SinkRecord;

/** Of a picture. */
export const pictureRecord: SinkRecord = {
  ...predictionRecord,
  prediction: { ...predictionRecord.prediction, source: 'a.jpg' },
};

export function jsonLines(destination: LineDestination, options: Partial<JsonLinesOptions> = {}) {
  const time = { now: 0 };
  const told: string[] = [];
  const sink = new JsonLines(destination, {
    name: 'events',
    everyFrame: true,
    clock: { now: () => time.now, date: () => new Date('2030-01-02T03:04:05.678Z') },
    tell: (sentence) => told.push(sentence),
    ...options,
  });
  return { sink, told, time };
}

/** The sequence numbers of the records that stand in a text, each of which must be a whole line. */
export function sequencesIn(text: string): number[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error(`it ends within a line: ${text.slice(-80)}`);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { sequence: number }).sequence);
}

export async function close(sink: Sink): Promise<void> {
  await sink[Symbol.asyncDispose]();
}
