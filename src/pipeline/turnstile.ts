import { Observable, type Subscriber } from 'rxjs';

/** A place that is held. */
export interface Pass {
  /** Gives the place to the next in line; again does nothing. */
  leave(): void;
}

interface Visitor {
  readonly key: string;
  readonly subscriber: Subscriber<Pass>;
}

/**
 * Lets so many in at a time for each key, in the order in which they came. A camera or recorder
 * that was away would otherwise be asked by all of its channels in the same instant, and many
 * answer that with a refusal.
 *
 * ```
 * places 1
 * a.enter  a------|        the pass at once; a leaves at 7
 * b.enter  -------b        the pass when a has left
 * ```
 */
export class Turnstile {
  readonly #places: number;
  readonly #inside = new Map<string, number>();
  readonly #waiting: Visitor[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  /** Emits the pass and stays open; unsubscribing leaves, or leaves the line. */
  enter(key: string): Observable<Pass> {
    return new Observable((subscriber) => {
      const visitor = { key, subscriber };
      subscriber.add(() => {
        const index = this.#waiting.indexOf(visitor);
        if (index >= 0) this.#waiting.splice(index, 1);
      });
      if (this.#count(key) < this.#places) this.#admit(visitor);
      else this.#waiting.push(visitor);
    });
  }

  #admit({ key, subscriber }: Visitor): void {
    this.#inside.set(key, this.#count(key) + 1);
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      const others = this.#count(key) - 1;
      if (others > 0) this.#inside.set(key, others);
      else this.#inside.delete(key);
      const index = this.#waiting.findIndex((visitor) => visitor.key === key);
      const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (next) this.#admit(next);
    };
    subscriber.add(leave);
    subscriber.next({ leave });
  }

  #count(key: string): number {
    return this.#inside.get(key) ?? 0;
  }
}
