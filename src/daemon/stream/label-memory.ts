/** What is known of the labels of a stream. It outlasts a change of its size: what is seen stays what it was. */
import { map, type OperatorFunction } from 'rxjs';
import type { Happenings } from '../../domain/happenings.ts';
import type { Prediction } from '../../domain/prediction.ts';
import { Hysteresis } from '../../pipeline/hysteresis.ts';
import { createSmoother, type Smoother } from '../../pipeline/smooth.ts';
import { isPictures } from '../../video/source/source-spec.ts';
import { longestSilence, type StreamPlan } from './stream-plan.ts';

export class LabelMemory {
  readonly smoother: Smoother;
  readonly states: Hysteresis;
  readonly #stream: string;
  readonly #happenings: Happenings;
  #last: Pick<Prediction, 'capturedAt'> | undefined;

  constructor(plan: StreamPlan, happenings: Happenings) {
    this.#stream = plan.name;
    this.#happenings = happenings;
    // Pictures of a folder have nothing to do with each other.
    const timeConstantSeconds = isPictures(plan.spec) ? 0 : plan.config.smoothing.time_constant_seconds;
    this.smoother = createSmoother(plan.bundle.card.output, { timeConstantSeconds });
    this.states = new Hysteresis(plan.targets, plan.thresholds);
  }

  /**
   * The time of a live source begins anew when it is opened again: its first frame is as much later than the last one
   * as it came later. After a silence at which a source is given up, nothing is known any more.
   */
  timed<T extends Prediction>(plan: StreamPlan): OperatorFunction<T, T> {
    return map((prediction, index) => {
      const before = this.#last;
      this.#last = prediction;
      if (index > 0 || before === undefined || !plan.spec.live) return prediction;
      const elapsedSeconds = (prediction.capturedAt - before.capturedAt) / 1000;
      if (elapsedSeconds > longestSilence(plan)) this.finish();
      return { ...prediction, elapsedSeconds };
    });
  }

  /** What is on goes off: the stream has ended, or nobody knows how it goes on. */
  finish(): void {
    for (const event of this.states.finish()) {
      this.#happenings.tell({ type: 'event', stream: this.#stream, event });
    }
  }
}
