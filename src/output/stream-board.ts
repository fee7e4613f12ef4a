/** What each stream does now, for those who ask: the HTTP interface, the live view, the service manager. */
import { argmax } from '../domain/argmax.ts';
import type { Clock } from '../domain/clock.ts';
import type { Size } from '../domain/frame.ts';
import type { StreamState } from '../domain/happening.ts';
import { handlers } from '../domain/happenings.ts';
import type { Progress } from './progress.ts';
import { QuantileSketch } from './quantiles.ts';

export interface BoardEntry {
  readonly state: StreamState;
  readonly reason: string | undefined;
  readonly native: Size | undefined;
  /** Of the frames of the last minute or two, seconds; undefined without any. */
  readonly age: { readonly p50: number; readonly p99: number } | undefined;
  /** Frames that are classified in a second, over the last five. */
  readonly framesPerSecond: number;
  readonly lastFrameAt: Date | undefined;
  /** Of a source with an end that is known, once it has had a frame. */
  readonly progress: Progress | undefined;
  /** Nothing more comes of it. */
  readonly ended: boolean;
  /** The likeliest label, with its smoothed probability, 0 to 1. */
  readonly best: { readonly label: string; readonly probability: number; readonly at: Date } | undefined;
  /** Labels that are on (an onset without its offset). */
  readonly on: readonly string[];
}

const rateWindowMs = 5000;
const ageWindowMs = 60_000;

class Entry {
  state: StreamState = 'connecting';
  reason: string | undefined;
  native: Size | undefined;
  lastFrameAt: Date | undefined;
  length: Pick<Progress, 'total' | 'unit'> | undefined;
  /** Presentation times, seconds. */
  times: { readonly first: number; readonly last: number; readonly step: number } | undefined;
  pictures = 0;
  endedAt: number | undefined;
  best: BoardEntry['best'];
  readonly on = new Set<string>();
  firstDecisionAt: number | undefined;
  /** Times of the later decisions, in the window of the rate. */
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

  /** `ended` alone: a look at all of hundreds of entries, ten times a second, has no need of the rest. */
  hasEnded(name: string): boolean {
    return this.#entries.get(name)?.endedAt !== undefined;
  }

  read(name: string): BoardEntry | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const { state, reason, native, lastFrameAt, best, on } = entry;
    return {
      state,
      reason,
      native,
      lastFrameAt,
      best,
      on: [...on],
      framesPerSecond: this.#rate(entry),
      age: ageOf(entry),
      progress: this.#progress(entry),
      ended: this.hasEnded(name),
    };
  }

  readonly subscriber = handlers({
    stream_added: ({ stream }) => {
      this.#entries.set(stream, new Entry());
    },
    stream_removed: ({ stream }) => {
      this.#entries.delete(stream);
    },
    stream_state: ({ stream, state, reason }) => this.#change(stream, { state, reason }),
    planned: ({ stream, plan: { pace, durationSeconds, pictures } }) => {
      const length =
        pictures !== undefined
          ? ({ total: pictures, unit: 'pictures' } as const)
          : durationSeconds !== undefined && pace === 'whole'
            ? ({ total: durationSeconds, unit: 'seconds' } as const)
            : undefined;
      this.#change(stream, { length });
    },
    stream_ended: ({ stream }) => this.#change(stream, { endedAt: this.#clock.now() }),
    frame_decoded: ({ stream, native }) => this.#change(stream, { native, lastFrameAt: this.#clock.date() }),
    prediction: ({ stream, prediction: { probabilities, decidedAt, capturedAt, presentationSeconds }, labels }) => {
      const entry = this.#entries.get(stream);
      if (!entry) return;
      const index = argmax(probabilities);
      entry.best = { label: labels[index] ?? '', probability: probabilities[index] ?? 0, at: this.#clock.date() };
      const { first, last } = entry.times ?? { first: presentationSeconds, last: presentationSeconds };
      entry.times = { first, last: presentationSeconds, step: presentationSeconds - last };
      entry.pictures++;
      this.#decided(entry);
      this.#aged(entry, (decidedAt - capturedAt) / 1000);
    },
    event: ({ stream, event: { kind, label } }) => {
      const on = this.#entries.get(stream)?.on;
      if (kind === 'onset') on?.add(label);
      else on?.delete(label);
    },
  });

  #progress({ length, times, pictures, firstDecisionAt, endedAt }: Entry): Progress | undefined {
    if (!length || !times || firstDecisionAt === undefined) return undefined;
    const done = length.unit === 'pictures' ? pictures : times.last - times.first + times.step;
    const elapsedSeconds = ((endedAt ?? this.#clock.now()) - firstDecisionAt) / 1000;
    return { ...length, done, elapsedSeconds };
  }

  #change(stream: string, change: Partial<Entry>): void {
    const entry = this.#entries.get(stream);
    if (entry) Object.assign(entry, change);
  }

  #decided(entry: Entry): void {
    const now = this.#clock.now();
    if (entry.firstDecisionAt === undefined) entry.firstDecisionAt = now;
    else entry.decisions.push(now);
    prune(entry.decisions, now);
  }

  /** Of the time since the first decision, while that is shorter than the window. */
  #rate({ decisions, firstDecisionAt }: Entry): number {
    const now = this.#clock.now();
    prune(decisions, now);
    const milliseconds = Math.min(rateWindowMs, now - (firstDecisionAt ?? now));
    return milliseconds > 0 ? (1000 * decisions.length) / milliseconds : 0;
  }

  /** Two sketches that take turns: a quantile since the start would say nothing after a month. */
  #aged(entry: Entry, seconds: number): void {
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

function prune(decisions: number[], now: number): void {
  while ((decisions[0] ?? Infinity) < now - rateWindowMs) decisions.shift();
}

function ageOf({ ages: { current, before } }: Entry): BoardEntry['age'] {
  const sketch = before.count > 0 ? before : current;
  return sketch.count > 0 ? { p50: sketch.quantile(0.5), p99: sketch.quantile(0.99) } : undefined;
}
