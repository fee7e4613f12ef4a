import type { StateEvent } from '../domain/event.ts';
import { QuantileSketch, type Quantiles } from './quantiles.ts';
import type { FrameCounts, RunSummary } from './summary.ts';

interface StreamRecord {
  readonly age: QuantileSketch;
  events: number;
  readonly secondsPerLabel: Map<string, number>;
}

/** Gathers, while streams run, what the summary at the end tells; bounded memory per stream, stage and label. */
export class RunStatistics {
  readonly #streams = new Map<string, StreamRecord>();
  readonly #stages = new Map<string, QuantileSketch>();

  /** A frame was classified `ageSeconds` after it was complete. */
  classified(stream: string, ageSeconds: number): void {
    this.#stream(stream).age.record(ageSeconds);
  }

  /** One frame's, or one batch's, time in a stage. */
  stage(name: string, seconds: number): void {
    let sketch = this.#stages.get(name);
    if (!sketch) this.#stages.set(name, (sketch = new QuantileSketch()));
    sketch.record(seconds);
  }

  event({ stream, label, durationSeconds }: StateEvent): void {
    const record = this.#stream(stream);
    record.events++;
    if (durationSeconds === undefined) return;
    record.secondsPerLabel.set(label, (record.secondsPerLabel.get(label) ?? 0) + durationSeconds);
  }

  /** Age quantiles of one stream so far, for the live view. */
  age(stream: string): Quantiles {
    return this.#stream(stream).age.quantiles();
  }

  /**
   * @param seconds wall-clock length of the run
   * @param counts of every stream, as the ledger has them
   */
  summary(seconds: number, counts: ReadonlyMap<string, FrameCounts>): RunSummary {
    return {
      seconds,
      streams: Array.from(counts, ([stream, frames]) => {
        const { age, events, secondsPerLabel } = this.#stream(stream);
        const longestFirst = [...secondsPerLabel].sort(([, a], [, b]) => b - a);
        return { stream, frames, age: age.quantiles(), events, secondsPerLabel: longestFirst };
      }),
      stages: Array.from(this.#stages, ([stage, sketch]) => ({ stage, duration: sketch.quantiles() })),
    };
  }

  #stream(stream: string): StreamRecord {
    let record = this.#streams.get(stream);
    if (!record)
      this.#streams.set(stream, (record = { age: new QuantileSketch(), events: 0, secondsPerLabel: new Map() }));
    return record;
  }
}
