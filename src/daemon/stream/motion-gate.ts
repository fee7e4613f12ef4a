/** What has not moved is not classified again: the answer of the frame that it is like stands for it. */
import { defer, map, ReplaySubject, share, tap, type Observable } from 'rxjs';
import type { Clock } from '../../domain/clock.ts';
import type { Frame } from '../../domain/frame.ts';
import type { Prediction } from '../../domain/prediction.ts';
import { MotionDetector } from '../../pipeline/motion.ts';
import { predictionOf } from './frame-classifier.ts';

export interface MotionGateParts {
  /** Takes ownership of the frame's pixels. */
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  readonly classify: (frame: Frame) => Observable<Prediction>;
  readonly maxStillSeconds: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Gives a frame's buffer back. */
  readonly release: (pixels: Frame['pixels']) => void;
  readonly onStill: (frame: Frame) => void;
}

/** Classifies as `classify` does, of one stream whose frames are asked for in their order. */
// eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
export function motionGate({ classify, maxStillSeconds, clock, release, onStill }: MotionGateParts) {
  const detector = new MotionDetector(maxStillSeconds);
  // eslint-disable-next-line rxjs-x/finnish -- of the last frame that had moved, which may still be on its way
  let answer: Observable<Prediction> | undefined;
  return (frame: Frame): Observable<Prediction> =>
    defer(() => {
      const isStill = detector.isStill(frame);
      if (answer === undefined || !isStill) {
        answer = classify(frame).pipe(share({ connector: () => new ReplaySubject(1), resetOnComplete: false }));
        return answer;
      }
      release(frame.pixels);
      return answer.pipe(
        map(({ logits }) => predictionOf(frame, logits, clock.now())),
        tap(() => onStill(frame)),
      );
    });
}
