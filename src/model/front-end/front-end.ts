/** What brings a stream's frames to the classifier's size, whatever adapter each is to have. */
import { DisposeStack } from '../../domain/dispose-stack.ts';
import type { Engine } from '../../engine/engine.ts';
import type { AdapterWeights } from '../adapter.ts';
import type { Geometry } from '../geometry.ts';
import type { Tiles } from '../tiles.ts';
import { FrontEndSession, type FrontEndResult } from './session.ts';

/** A session to work with; disposing gives it back. */
export interface TakenSession extends AsyncDisposable {
  readonly value: Pick<FrontEndSession, 'run' | 'release'>;
}

interface InUse {
  readonly adapter: AdapterWeights;
  readonly session: Promise<TakenSession>;
  /** Frames that are under way, or wait for the session. */
  frames: number;
  /** Told when the last of them is through. */
  onIdle?: () => void;
}

/**
 * The session of the adapter that the last frame had. A frame with another adapter waits until the session of that is
 * loaded, beside the one before, which is given back when its last frame is through: no frame is lost by a swap.
 */
export class FrontEnd implements AsyncDisposable {
  readonly geometry: Geometry;
  /** How many images a frame becomes, which lie one behind the other in the result. */
  readonly images: number;
  readonly #take: (adapter: AdapterWeights) => Promise<TakenSession>;
  #current: InUse | undefined;
  /** Those that are being given back, and those that could not be. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(geometry: Geometry, tiles: Tiles | undefined, take: (adapter: AdapterWeights) => Promise<TakenSession>) {
    this.geometry = geometry;
    this.images = tiles?.corners.length ?? 1;
    this.#take = take;
  }

  /** With sessions of its own. */
  static on(engine: Engine, geometry: Geometry, tiles?: Tiles): FrontEnd {
    return new FrontEnd(geometry, tiles, async (adapter) => {
      const value = await FrontEndSession.load(engine, { geometry, tiles, adapter });
      return { value, [Symbol.asyncDispose]: () => value[Symbol.asyncDispose]() };
    });
  }

  /** As `FrontEndSession.run`, with this adapter. Where its session cannot be had, `pixels` stay the caller's. */
  async run(pixels: Uint8Array<ArrayBuffer>, adapter: AdapterWeights): Promise<FrontEndResult> {
    const inUse = this.#current?.adapter === adapter ? this.#current : this.#swap(adapter);
    inUse.frames++;
    try {
      return await (await inUse.session).value.run(pixels);
    } finally {
      if (--inUse.frames === 0) inUse.onIdle?.();
    }
  }

  /** Takes an image back that nobody will read any more. */
  release(image: FrontEndResult['image']): void {
    this.#current?.session.then(
      ({ value }) => value.release(image),
      () => undefined,
    );
  }

  /** When nothing is under way. Rejects where a session could not be given back, then or before. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#current) this.#leave(this.#current);
    this.#current = undefined;
    await using leaving = new DisposeStack();
    for (const gone of this.#leaving) leaving.defer(() => gone);
  }

  #swap(adapter: AdapterWeights): InUse {
    const before = this.#current;
    const next: InUse = { adapter, session: this.#take(adapter), frames: 0 };
    this.#current = next;
    const leaves = () => {
      if (before) this.#leave(before);
    };
    next.session.then(leaves, () => {
      // The next frame tries again.
      if (this.#current === next) this.#current = undefined;
      leaves();
    });
    return next;
  }

  #leave(inUse: InUse): void {
    const gone = this.#gone(inUse);
    this.#leaving.add(gone);
    gone.then(
      () => this.#leaving.delete(gone),
      () => undefined,
    );
  }

  async #gone(inUse: InUse): Promise<void> {
    if (inUse.frames > 0) await new Promise<void>((resolve) => (inUse.onIdle = resolve));
    // Who asked for one that could not be had has been told.
    const taken = await inUse.session.catch(() => undefined);
    await taken?.[Symbol.asyncDispose]();
  }
}
