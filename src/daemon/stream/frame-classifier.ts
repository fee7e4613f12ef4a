/** One frame through front end, batcher and classifier. */
import { forkJoin, Observable, Subscription } from 'rxjs';
import type { Clock } from '../../domain/clock.ts';
import type { Frame } from '../../domain/frame.ts';
import type { Prediction } from '../../domain/prediction.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { pixelsOfFailure, type FrontEndResult } from '../../model/front-end/session.ts';

/** What a stream brings along for its frames. */
export interface Lane {
  readonly frontEnd: {
    /** How many images a frame becomes, which lie one behind the other in the result. */
    readonly images: number;
    run(pixels: Uint8Array<ArrayBuffer>, adapter: AdapterWeights): Promise<FrontEndResult>;
    release(image: FrontEndResult['image']): void;
  };
  /** Read for every frame, so that an adapter is swapped between two of them. */
  readonly adapter: () => AdapterWeights;
  /** Gives the frame's buffer back to its source. */
  readonly release: (pixels: Uint8Array<ArrayBuffer>) => void;
}

export interface FrameClassifierParts {
  /** Has read an image when its result, or its error, comes, and does not read one that is taken back. */
  readonly batcher: { submit(stream: string, image: Float32Array): Observable<Float32Array> };
  readonly clock: Clock;
  /** Told how long the front end's session ran, seconds. */
  readonly onFrontEnd: (seconds: number) => void;
}

/**
 * The prediction of one frame; subscribing starts.
 *
 * Takes ownership of the frame's pixels and gives them back to the lane exactly once, also when
 * it is unsubscribed from: an inference cannot be stopped, so its buffers come back when it lands.
 */
export function classifyFrame(frame: Frame, lane: Lane, parts: FrameClassifierParts): Observable<Prediction> {
  return new Observable<Prediction>((subscriber) => {
    const classifying = new Subscription();
    const classify = async () => {
      const { image, pixels, milliseconds } = await throughFrontEnd(frame, lane);
      // At once where nobody waits for it any more.
      classifying.add(() => lane.frontEnd.release(image));
      lane.release(pixels);
      parts.onFrontEnd(milliseconds / 1000);
      if (subscriber.closed) return;
      classifying.add(
        forkJoin(
          partsOf(image, lane.frontEnd.images).map((part) => parts.batcher.submit(frame.stream, part)),
        ).subscribe({
          next: (logits) => subscriber.next(predictionOf(frame, logits, parts.clock.now())),
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    };
    classify().catch((error: unknown) => subscriber.error(error));
    return classifying;
  });
}

/** Where it fails, the slot is given back all the same, with an empty buffer where the worker died with the pixels. */
async function throughFrontEnd({ pixels }: Frame, { frontEnd, adapter, release }: Lane): Promise<FrontEndResult> {
  try {
    return await frontEnd.run(pixels, adapter());
  } catch (error) {
    release(pixelsOfFailure(error) ?? pixels);
    throw error;
  }
}

function partsOf(image: Float32Array, count: number): Float32Array[] {
  const length = image.length / count;
  return Array.from({ length: count }, (_, i) => image.subarray(i * length, (i + 1) * length));
}

export function predictionOf(frame: Frame, logits: readonly Float32Array[], decidedAt: number): Prediction {
  const { stream, sequence, presentationSeconds, capturedAt, takenAt, native, source } = frame;
  return {
    stream,
    sequence,
    presentationSeconds,
    capturedAt,
    decidedAt,
    native,
    logits,
    ...(takenAt !== undefined && { takenAt }),
    ...(source !== undefined && { source }),
  };
}
