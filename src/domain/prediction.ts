import type { Frame } from './frame.ts';

/** The classifier's answer for one frame. */
export interface Prediction {
  readonly stream: string;
  readonly sequence: number;
  readonly presentationSeconds: number;
  /** Since the frame before, where the stream's own clock has begun anew between them. */
  readonly elapsedSeconds?: number;
  /** Monotonic milliseconds, as in the frame. */
  readonly capturedAt: number;
  /** Wall clock, as in the frame. */
  readonly takenAt?: number;
  /** Monotonic milliseconds at which the classifier had answered. */
  readonly decidedAt: number;
  readonly native: Frame['native'];
  /** The picture's file, where the source is a folder of them. */
  readonly source?: string;
  /**
   * Raw outputs of the network, one value for a binary bundle and one per label for softmax: of each tile, of the one
   * image where there are none.
   */
  readonly logits: readonly Float32Array[];
}

/** Smoothed and calibrated, 0 to 1, in the order of the bundle's labels. */
export interface Scores {
  /** Of each label; the highest of the tiles where there are some, which need not sum to 1. */
  readonly probabilities: Float32Array;
  /** Of each tile; they sum to 1. None where all is seen in one. */
  readonly tiles?: readonly Float32Array[];
}

export type ScoredPrediction = Omit<Prediction, 'logits' | 'elapsedSeconds'> & Scores;

/** What a picture is, all by itself. */
export interface PictureResult {
  readonly file: string;
  /** The likeliest label or group of interest. */
  readonly label: string;
  /** Calibrated, 0 to 1. */
  readonly probability: number;
}
