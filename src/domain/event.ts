/**
 * A change of a stream's smoothed state: a label (or a group of labels) comes or goes.
 */
export interface StateEvent {
  readonly stream: string;
  readonly kind: 'onset' | 'offset';
  readonly label: string;
  /** Smoothed, calibrated probability at the change, 0 to 1. */
  readonly probability: number;
  /** Presentation time of the frame that decided, seconds. */
  readonly presentationSeconds: number;
  /** Wall clock at which that frame was taken, milliseconds since 1970, where that is known. */
  readonly takenAt?: number;
  /** For an offset: how long the label was on, seconds. */
  readonly durationSeconds?: number;
  /** Presentation time at which the probability crossed the threshold that this event confirms, seconds. */
  readonly sinceSeconds?: number;
  /** An offset because the stream ended, not because the label went. */
  readonly final?: true;
  readonly sequence: number;
}
