import type { Clock } from '../../domain/clock.ts';
import { handlers } from '../../domain/happenings.ts';

const windowSeconds = 10;
/** Frames of a hundred that may be late. */
const mostLate = 1;

/** Whether all streams together meet their goal: 99 of 100 frames of the last ten seconds were decided in time. */
export class LatencyGoal {
  readonly #goalSeconds: () => number;
  readonly #clock: Pick<Clock, 'now'>;
  /** Frames and late frames, by second. */
  readonly #counts = new Map<number, { all: number; late: number }>();

  constructor(goalSeconds: () => number, clock: Pick<Clock, 'now'>) {
    this.#goalSeconds = goalSeconds;
    this.#clock = clock;
  }

  readonly subscriber = handlers({
    prediction: ({ prediction: { decidedAt, capturedAt } }) => this.decided((decidedAt - capturedAt) / 1000),
  });

  /** A frame was decided at this age. */
  decided(ageSeconds: number): void {
    const second = this.#second();
    let count = this.#counts.get(second);
    if (!count) this.#counts.set(second, (count = { all: 0, late: 0 }));
    count.all++;
    if (ageSeconds > this.#goalSeconds()) count.late++;
  }

  /** True where there are no frames. */
  get met(): boolean {
    const from = this.#second() - windowSeconds;
    for (const second of this.#counts.keys()) if (second <= from) this.#counts.delete(second);
    const [all, late] = [...this.#counts.values()].reduce(([a, l], count) => [a + count.all, l + count.late], [0, 0]);
    return 100 * late <= mostLate * all;
  }

  #second(): number {
    return Math.floor(this.#clock.now() / 1000);
  }
}
