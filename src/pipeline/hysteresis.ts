import { Observable, type OperatorFunction } from 'rxjs';
import type { StateEvent } from '../domain/event.ts';
import type { Scores } from '../domain/prediction.ts';
import { targetProbabilities, type Target } from './targets.ts';
import { TargetState, type Moment } from './target-state.ts';

export interface HysteresisOptions {
  /** A target comes when its probability reaches it; 0 to 1, above `offsetProbability`. */
  readonly onsetProbability: number;
  /** A target goes when its probability falls below it; 0 to 1. */
  readonly offsetProbability: number;
  /** How long it must be there before that is an event, seconds. */
  readonly minDurationOnSeconds: number;
  /** How long it must be away before that is an event, seconds. */
  readonly minDurationOffSeconds: number;
  /** After an offset, how long the same target brings no new onset, seconds. */
  readonly coolDownSeconds: number;
}

/**
 * Defaults for a time constant of 1 s.
 *
 * Softmax over many classes: 0.35 is three times less than certain, but above what one wrong
 * frame reaches (a frame of 0.54 in a scene of 0.05 moves the average at 15 frames/s from 0.05
 * to 0.06), and below the 0.4 to 0.6 of an object that is really there; 0.2 is far above the
 * 0.03 of an empty scene. Binary: either side of 0.5 the two labels exclude each other.
 * Half a second must be confirmed by at least two frames, whatever the frame rate.
 */
export function defaultHysteresis(decision: 'binary' | 'softmax'): HysteresisOptions {
  const [onsetProbability, offsetProbability] = decision === 'binary' ? [0.7, 0.5] : [0.35, 0.2];
  return {
    onsetProbability,
    offsetProbability,
    minDurationOnSeconds: 0.5,
    minDurationOffSeconds: 0.5,
    coolDownSeconds: 1,
  };
}

/** The part of a smoothed prediction that decides. */
export interface Scored extends Scores {
  readonly stream: string;
  readonly sequence: number;
  readonly presentationSeconds: number;
  /** Since the frame before, where the stream's own clock has begun anew between them. */
  readonly elapsedSeconds?: number;
  readonly takenAt?: number;
}

/**
 * The state of all targets of one stream. A frame costs one comparison per target; a state is
 * kept only for those that are on, about to be, or cooling down.
 *
 * Reference: onset, offset and minimum durations as in pyannote.audio `Binarize`; cool-down as
 * the suppression of TensorFlow's `RecognizeCommands`.
 */
export class Hysteresis {
  readonly #targets: readonly Target[];
  readonly #options: HysteresisOptions;
  readonly #states = new Map<number, TargetState>();
  #last: { readonly frame: Scored; readonly moment: Moment } | undefined;

  constructor(targets: readonly Target[], options: HysteresisOptions) {
    this.#targets = targets;
    this.#options = options;
  }

  /** Names of the targets that are on now. */
  get on(): string[] {
    return [...this.#states].flatMap(([index, state]) => (state.isOn ? [this.#targets[index]?.name ?? ''] : []));
  }

  /** The changes that this frame brings, in the order of the targets. */
  update(frame: Scored): StateEvent[] {
    const moment = this.#moment(frame);
    this.#last = { frame, moment };
    const events: StateEvent[] = [];
    const probabilities = targetProbabilities(frame, this.#targets);
    for (let index = 0; index < probabilities.length; index++) {
      const probability = probabilities[index] ?? 0;
      let state = this.#states.get(index);
      if (!state) {
        if (probability < this.#options.onsetProbability) continue;
        state = new TargetState(this.#options);
        this.#states.set(index, state);
      }
      const change = state.update(probability, moment);
      if (change) events.push({ ...this.#common(frame, index, probability), ...change });
      if (state.isIdle(moment)) this.#states.delete(index);
    }
    return events;
  }

  /** Offsets, marked `final`, for what is on when the stream ends. */
  finish(): StateEvent[] {
    const last = this.#last;
    if (!last) return [];
    const probabilities = targetProbabilities(last.frame, this.#targets);
    const events = [...this.#states].flatMap(([index, state]): StateEvent[] => {
      const change = state.finish(last.moment);
      return change ? [{ ...this.#common(last.frame, index, probabilities[index] ?? 0), ...change, final: true }] : [];
    });
    this.#states.clear();
    return events;
  }

  /** Time that never runs backwards: a jump back counts as no time at all. */
  #moment({ presentationSeconds, elapsedSeconds }: Scored): Moment {
    const before = this.#last?.moment;
    const elapsed = before ? (elapsedSeconds ?? presentationSeconds - before.presentationSeconds) : 0;
    return { presentationSeconds, elapsedSeconds: (before?.elapsedSeconds ?? 0) + (elapsed > 0 ? elapsed : 0) };
  }

  #common({ stream, sequence, presentationSeconds, takenAt }: Scored, index: number, probability: number) {
    const label = this.#targets[index]?.name ?? '';
    const taken = takenAt === undefined ? {} : { takenAt };
    return { stream, sequence, presentationSeconds, ...taken, label, probability };
  }
}

/**
 * `Hysteresis` over one stream's smoothed predictions.
 *
 * ```
 * probability  .1-.5-.5-.5-.3-.1-.1-.1|     onset at .35, offset below .2, minima of two frames
 * result       -------(on)---------(off)|
 * ```
 *
 * When the source ends, with an error or without, what is on goes off (`final`) before the end is passed on; it stays
 * on where the states go on, with another source.
 */
export function hysteresis(
  states: Hysteresis,
  goesOn: () => boolean = () => false,
): OperatorFunction<Scored, StateEvent> {
  return (source$) =>
    new Observable((subscriber) => {
      const emit = (events: StateEvent[]) => events.forEach((event) => subscriber.next(event));
      const finish = () => {
        if (!goesOn()) emit(states.finish());
      };
      return source$.subscribe({
        next: (frame) => emit(states.update(frame)),
        error: (error: unknown) => {
          finish();
          subscriber.error(error);
        },
        complete: () => {
          finish();
          subscriber.complete();
        },
      });
    });
}
