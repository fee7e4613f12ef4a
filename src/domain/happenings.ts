import type { Happening } from './happening.ts';

export type Subscriber = (happening: Happening) => void;

/** What a subscriber does, by the type of what happens; the rest passes it by. */
export type Handlers = {
  readonly [Type in Happening['type']]?: (happening: Extract<Happening, { readonly type: Type }>) => void;
};

export function handlers(byType: Handlers): Subscriber {
  return (happening) => (byType[happening.type] as Subscriber | undefined)?.(happening);
}

/**
 * One stream of all that happens: who tells knows nobody who hears, and the other way round. Subscribers
 * are told at once, in the order in which they came, and must not make the teller wait.
 *
 * One that throws harms neither the others nor the teller; that it does is told once, as a fault.
 */
export class Happenings {
  readonly #subscribers = new Set<Subscriber>();
  readonly #faulty = new WeakSet<Subscriber>();

  tell(happening: Happening): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(happening);
      } catch (error) {
        if (this.#faulty.has(subscriber)) continue;
        // Before it is told: the faulty one hears of it as well, and may throw again.
        this.#faulty.add(subscriber);
        this.tell({ type: 'fault', error });
      }
    }
  }

  subscribe(subscriber: Subscriber): Disposable {
    this.#subscribers.add(subscriber);
    return { [Symbol.dispose]: () => void this.#subscribers.delete(subscriber) };
  }
}
