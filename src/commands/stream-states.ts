/** What the live view shows of each stream, gathered from predictions and events. */
import type { Progress } from '../daemon/run.ts';
import type { Clock } from '../domain/clock.ts';
import type { StateEvent } from '../domain/event.ts';
import type { StreamStatus } from '../output/status-lines.ts';
import { droppedTotal } from '../pipeline/ledger.ts';
import type { Smoothed } from '../pipeline/smooth.ts';

interface State {
  best: { label: string; probability: number } | undefined;
  readonly on: Set<string>;
  /** Classified frames at the times of the last updates, for the rate. */
  readonly history: { readonly at: number; readonly classified: number }[];
}

const rateWindowMs = 2000;

export class StreamStates {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #states = new Map<string, State>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  prediction({ stream, probabilities }: Smoothed, labels: readonly string[]): void {
    const index = indexOfLargest(probabilities);
    this.#state(stream).best = { label: labels[index] ?? '', probability: probabilities[index] ?? 0 };
  }

  event({ stream, kind, label }: StateEvent): void {
    const { on } = this.#state(stream);
    if (kind === 'onset') on.add(label);
    else on.delete(label);
  }

  statuses({ ledger, statistics }: Progress): StreamStatus[] {
    return ledger.streams().map((stream) => {
      const { best, on, history } = this.#state(stream);
      const counts = ledger.counts(stream);
      const now = this.#clock.now();
      history.push({ at: now, classified: counts.classified });
      while ((history[0]?.at ?? now) < now - rateWindowMs) history.shift();
      const [oldest] = history;
      const seconds = (now - (oldest?.at ?? now)) / 1000;
      const age = statistics.age(stream);
      return {
        stream,
        framesPerSecond: seconds > 0 ? (counts.classified - (oldest?.classified ?? 0)) / seconds : 0,
        dropped: droppedTotal(counts),
        on: [...on],
        ...(age.count > 0 && { age }),
        ...(best && { best }),
      };
    });
  }

  #state(stream: string): State {
    let state = this.#states.get(stream);
    if (!state) this.#states.set(stream, (state = { best: undefined, on: new Set(), history: [] }));
    return state;
  }
}

export function indexOfLargest(values: Float32Array): number {
  let best = 0;
  values.forEach((value, i) => {
    if (value > (values[best] ?? -Infinity)) best = i;
  });
  return best;
}
