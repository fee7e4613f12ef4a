/** A frame's place in time. */
export interface Moment {
  /** In the stream's own clock, seconds; may jump. */
  readonly presentationSeconds: number;
  /** Since the first frame, seconds; never runs backwards. */
  readonly elapsedSeconds: number;
}

export interface Thresholds {
  readonly onsetProbability: number;
  readonly offsetProbability: number;
  readonly minDurationOnSeconds: number;
  readonly minDurationOffSeconds: number;
  readonly coolDownSeconds: number;
}

export interface Change {
  readonly kind: 'onset' | 'offset';
  readonly sinceSeconds: number;
  readonly durationSeconds?: number;
}

/**
 * One target's state machine:
 *
 * ```
 * off ── p ≥ onset ──► coming ── for minDurationOn, cool-down over ──► on      (onset)
 *  ▲  ◄── p < offset ──┘                                               │ p < offset
 *  └────── for minDurationOff ◄── going ◄──────────────────────────────┘       (offset)
 *                                   └── p ≥ onset ──► on
 * ```
 */
export class TargetState {
  readonly #thresholds: Thresholds;
  #confirmed = false;
  /** When it came: the start of `coming`, kept while on. */
  #cameAt: Moment | undefined;
  /** When it began to go. */
  #goesSince: Moment | undefined;
  #coolUntil = -Infinity;

  constructor(thresholds: Thresholds) {
    this.#thresholds = thresholds;
  }

  get isOn(): boolean {
    return this.#confirmed;
  }

  /** Off, and nothing of it need be remembered. */
  isIdle({ elapsedSeconds }: Moment): boolean {
    return !this.#cameAt && elapsedSeconds >= this.#coolUntil;
  }

  update(probability: number, moment: Moment): Change | undefined {
    return this.#confirmed ? this.#whileOn(probability, moment) : this.#whileOff(probability, moment);
  }

  /** The offset of a target that is on when the stream ends. */
  finish(moment: Moment): Change | undefined {
    return this.#confirmed ? this.#turnOff(this.#goesSince ?? moment, moment) : undefined;
  }

  #whileOff(probability: number, moment: Moment): Change | undefined {
    const { onsetProbability, offsetProbability, minDurationOnSeconds } = this.#thresholds;
    if (probability >= onsetProbability) this.#cameAt ??= moment;
    // Written so that a probability that is not a number ends it.
    else if (!(probability >= offsetProbability)) this.#cameAt = undefined;
    const cameAt = this.#cameAt;
    if (!cameAt || moment.elapsedSeconds < this.#coolUntil) return undefined;
    if (moment.elapsedSeconds - cameAt.elapsedSeconds < minDurationOnSeconds) return undefined;
    this.#confirmed = true;
    return { kind: 'onset', sinceSeconds: cameAt.presentationSeconds };
  }

  #whileOn(probability: number, moment: Moment): Change | undefined {
    const { onsetProbability, offsetProbability, minDurationOffSeconds } = this.#thresholds;
    if (probability >= onsetProbability) this.#goesSince = undefined;
    else if (!(probability >= offsetProbability)) this.#goesSince ??= moment;
    const goesSince = this.#goesSince;
    if (!goesSince || moment.elapsedSeconds - goesSince.elapsedSeconds < minDurationOffSeconds) return undefined;
    return this.#turnOff(goesSince, moment);
  }

  #turnOff(wentAt: Moment, moment: Moment): Change {
    const cameAt = this.#cameAt ?? wentAt;
    this.#confirmed = false;
    this.#cameAt = undefined;
    this.#goesSince = undefined;
    this.#coolUntil = moment.elapsedSeconds + this.#thresholds.coolDownSeconds;
    return {
      kind: 'offset',
      sinceSeconds: wentAt.presentationSeconds,
      durationSeconds: wentAt.elapsedSeconds - cameAt.elapsedSeconds,
    };
  }
}
