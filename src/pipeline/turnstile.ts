import { Observable } from 'rxjs';

/** A place that is held. */
export interface Pass {
  /** Gives the place to the next in line; again does nothing. */
  readonly leave: () => void;
}

interface Visitor {
  readonly key: string;
  readonly admit: (pass: Pass) => void;
}

/**
 * Lets so many in at a time for each key, in the order in which they came. A camera or recorder
 * that was away would otherwise be asked by all of its channels in the same instant, and many
 * answer that with a refusal.
 *
 * ```
 * places 1
 * a.enter  a------|        begins at once; leaves at 7
 * b.enter  -------b        begins when a has left
 * ```
 */
export class Turnstile {
  readonly #places: number;
  readonly #inside = new Map<string, number>();
  readonly #waiting: Visitor[] = [];

  constructor(places: number) {
    this.#places = places;
  }

  /** Subscribes to what is inside once there is a place; its end leaves, unless `leave` did before. */
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  enter<R>(key: string, inside: (pass: Pass) => Observable<R>): Observable<R> {
    return new Observable((subscriber) => {
      const visitor: Visitor = {
        key,
        admit: (pass) => {
          subscriber.add(pass.leave);
          subscriber.add(inside(pass).subscribe(subscriber));
        },
      };
      subscriber.add(() => {
        const index = this.#waiting.indexOf(visitor);
        if (index >= 0) this.#waiting.splice(index, 1);
      });
      if (this.#count(key) < this.#places) this.#admit(visitor);
      else this.#waiting.push(visitor);
    });
  }

  #admit({ key, admit }: Visitor): void {
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
    admit({ leave });
  }

  #count(key: string): number {
    return this.#inside.get(key) ?? 0;
  }
}
