/** A source for those who wait for one frame after the other. */
import type { Frame } from '../../domain/frame.ts';
import type { Source } from './source.ts';

/**
 * The frames in order; the source must be lossless, so that it waits for its slots. The caller
 * releases each frame. Leaving the loop ends the source and waits for its children.
 *
 * Throws what the source fails with.
 */
export async function* sourceFrames(source: Source): AsyncGenerator<Frame, void, undefined> {
  const arrived: Frame[] = [];
  let end: { readonly error?: unknown } | undefined;
  let wake: () => void = () => undefined;
  const subscription = source.frames$.subscribe({
    next: (frame) => {
      arrived.push(frame);
      wake();
    },
    error: (error: unknown) => {
      end = { error };
      wake();
    },
    complete: () => {
      end = {};
      wake();
    },
  });
  try {
    for (;;) {
      const frame = arrived.shift();
      if (frame) yield frame;
      else if (end === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if ('error' in end) throw end.error;
      else return;
    }
  } finally {
    subscription.unsubscribe();
    for (const { pixels } of arrived) source.release(pixels);
    await source.exited;
  }
}
