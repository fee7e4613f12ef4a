/** A source as a stream of frames. */
import { Observable, type Subscriber } from 'rxjs';
import type { Frame } from '../../domain/frame.ts';
import { Stopped } from '../../domain/stop.ts';
import { Decoding } from '../decode/decoding.ts';
import { Slots } from '../decode/slots.ts';
import type { Exit, SourceOptions } from './source-options.ts';

export type { Exit, SourceOptions } from './source-options.ts';

export interface Source {
  /**
   * Subscribing starts ffmpeg, unsubscribing ends it; once. The subscriber owns each frame's pixels
   * and gives them back through `release`. Completes at the end of the source; fails with a
   * SourceError when it stalls, breaks off, or gives no frame at all.
   */
  readonly frames$: Observable<Frame>;
  /** Takes a frame's buffer back, or the one that came back from the engine in its place. */
  release(pixels: Uint8Array<ArrayBuffer>): void;
  /** Resolves when the subscription is over and its children are reaped. Never rejects. */
  readonly exited: Promise<Exit>;
}

export function openSource(options: SourceOptions): Source {
  const slots = new Slots(options.slots, 3 * options.grid.width * options.grid.height);
  const { promise: exited, resolve } = deferred<Exit>();
  let subscribed = false;
  const frames$ = new Observable<Frame>((subscriber) => {
    if (subscribed) throw new Error('a source is subscribed to once; open another one to start it again');
    subscribed = true;
    return start(options, slots, subscriber, resolve);
  });
  return { frames$, release: (pixels) => slots.release(pixels), exited };
}

/** Returns the teardown. */
function start(
  options: SourceOptions,
  slots: Slots,
  subscriber: Subscriber<Frame>,
  onExit: (exit: Exit) => void,
): () => void {
  const abort = new AbortController();
  const shutdown = () => abort.abort(new Stopped('shutdown'));
  options.signal?.addEventListener('abort', shutdown);
  if (options.signal?.aborted === true) shutdown();
  const decoding = new Decoding(options, slots, abort, (frame) => subscriber.next(frame));
  decoding
    .run()
    .then(
      // The exit is told first: who hears of the end may ask for it at once.
      () => {
        onExit(decoding.exit());
        subscriber.complete();
      },
      (error: unknown) => {
        abort.abort(new Stopped('failure', { cause: error }));
        onExit(decoding.exit());
        subscriber.error(error);
      },
    )
    .finally(() => options.signal?.removeEventListener('abort', shutdown));
  return () => abort.abort(new Stopped('closed'));
}

/** `Promise.withResolvers` of later Nodes. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
