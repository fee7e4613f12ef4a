/** What each stream of a service does now, for those who ask. */
import { argmax } from '../../domain/argmax.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Size } from '../../domain/frame.ts';
import type { StreamState } from '../../output/metrics/labels.ts';
import { QuantileSketch } from '../../output/quantiles.ts';
import type { StreamObserver } from '../stream-observer.ts';

export interface BoardEntry {
  readonly state: StreamState;
  readonly reason: string | undefined;
  readonly native: Size | undefined;
  /** Of the frames of the last minute or two, seconds. */
  readonly ageP99: number | undefined;
  readonly framesPerSecond: number;
  readonly lastFrameAt: Date | undefined;
  readonly best: { readonly label: string; readonly probability: number; readonly at: Date } | undefined;
}

const rateWindowMs = 5000;
const ageWindowMs = 60_000;

class Entry {
  state: StreamState = 'connecting';
  reason: string | undefined;
  native: Size | undefined;
  lastFrameAt: Date | undefined;
  best: BoardEntry['best'];
  /** Times of the decisions in the window of the rate. */
  readonly decisions: number[] = [];
  ages = { current: new QuantileSketch(), before: new QuantileSketch(), since: -Infinity };
}

export class StreamBoard {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  count(state: StreamState): number {
    return [...this.#entries.values()].filter((entry) => entry.state === state).length;
  }

  framesPerSecond(): number {
    return this.names().reduce((sum, name) => sum + (this.read(name)?.framesPerSecond ?? 0), 0);
  }

  read(name: string): BoardEntry | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const { state, reason, native, lastFrameAt, best, decisions, ages } = entry;
    this.#prune(decisions);
    const sketch = ages.before.count > 0 ? ages.before : ages.current;
    return {
      ...{ state, reason, native, lastFrameAt, best },
      framesPerSecond: (1000 * decisions.length) / rateWindowMs,
      ageP99: sketch.count > 0 ? sketch.quantile(0.99) : undefined,
    };
  }

  readonly observer: Pick<StreamObserver, 'added' | 'removed' | 'state' | 'frame' | 'prediction'> = {
    added: (stream) => {
      this.#entries.set(stream, new Entry());
    },
    removed: (stream) => {
      this.#entries.delete(stream);
    },
    state: (stream, state, reason) => this.#change(stream, { state, reason }),
    frame: ({ stream, native }) => this.#change(stream, { native, lastFrameAt: this.#clock.date() }),
    prediction: ({ stream, probabilities, decidedAt, capturedAt }, plan) => {
      const entry = this.#entries.get(stream);
      if (!entry) return;
      const index = argmax(probabilities);
      const label = plan.bundle.card.output.labels[index] ?? '';
      entry.best = { label, probability: probabilities[index] ?? 0, at: this.#clock.date() };
      entry.decisions.push(this.#clock.now());
      this.#prune(entry.decisions);
      this.#age(entry, (decidedAt - capturedAt) / 1000);
    },
  };

  #change(stream: string, change: Partial<Entry>): void {
    const entry = this.#entries.get(stream);
    if (entry) Object.assign(entry, change);
  }

  #prune(decisions: number[]): void {
    const from = this.#clock.now() - rateWindowMs;
    while ((decisions[0] ?? Infinity) < from) decisions.shift();
  }

  /** Two sketches that take turns: a quantile since the start would say nothing after a month. */
  #age(entry: Entry, seconds: number): void {
    const { ages } = entry;
    const now = this.#clock.now();
    if (now - ages.since > ageWindowMs) {
      const { current, before } = ages;
      before.reset();
      entry.ages = { current: before, before: current, since: now };
    }
    entry.ages.current.record(seconds);
  }
}
