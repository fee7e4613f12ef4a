import type { Frame } from './frame.ts';

/** The classifier's answer for one frame. */
export interface Prediction {
  readonly stream: string;
  readonly sequence: number;
  readonly presentationSeconds: number;
  /** Monotonic milliseconds, as in the frame. */
  readonly capturedAt: number;
  /** Monotonic milliseconds at which the classifier had answered. */
  readonly decidedAt: number;
  readonly native: Frame['native'];
  /** The picture's file, where the source is a folder of them. */
  readonly source?: string;
  /** Raw outputs of the network: one value for a binary bundle, one per label for softmax. */
  readonly logits: Float32Array;
}

/** A prediction with the smoothed, calibrated probability of each label, 0 to 1, in the order of the bundle's labels. */
export type ScoredPrediction = Omit<Prediction, 'logits'> & {
  readonly probabilities: Float32Array;
};

/** What a picture is, all by itself. */
export interface PictureResult {
  readonly file: string;
  /** The likeliest label or group of interest. */
  readonly label: string;
  /** Calibrated, 0 to 1. */
  readonly probability: number;
}
