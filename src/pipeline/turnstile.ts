import { Observable, timer, type SchedulerLike } from 'rxjs';

/** A place that is held. */
export interface Pass {
  /** Gives the place to the next in line; again does nothing. */
  readonly leave: () => void;
}

/** How many at a time. */
export interface Places {
  readonly perKey: number;
  /** Of all keys together. */
  readonly total: number;
  /** Nobody counts among the total for longer, only for the key, milliseconds. */
  readonly totalMs: number;
}

interface Visitor {
  readonly key: string;
  readonly admit: (pass: Pass) => void;
}

/**
 * Lets so many in at a time, in the order in which they came: for each key, because a camera or recorder that was
 * away would be asked by all of its channels in the same instant, and many answer that with a refusal; and in total,
 * because each costs this box its beginning. Who waits for a silent camera costs nothing and keeps nobody waiting.
 *
 * ```
 * perKey 1, total 1, totalMs 9
 * north a   a---|                 begins at once; leaves at 4
 * south b   ----b--------------   begins when a has left
 * north c   -------------c----    begins when b has been in for 9
 * south d   -------------------   b is still there
 * ```
 */
export class Turnstile {
  #places: Places;
  readonly #scheduler: SchedulerLike | undefined;
  readonly #inside = new Map<string, number>();
  readonly #waiting: Visitor[] = [];
  #total = 0;

  constructor(places: Places, scheduler?: SchedulerLike) {
    this.#places = places;
    this.#scheduler = scheduler;
  }

  /** Who is inside stays there. */
  set places(places: Places) {
    this.#places = places;
    this.#admitNext();
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
      this.#waiting.push(visitor);
      this.#admitNext();
    });
  }

  /** Passes over who waits for a place of its own key. */
  #admitNext(): void {
    while (this.#total < this.#places.total) {
      const index = this.#waiting.findIndex(({ key }) => this.#count(key) < this.#places.perKey);
      const [next] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (!next) return;
      this.#admit(next);
    }
  }

  #admit({ key, admit }: Visitor): void {
    this.#total++;
    this.#inside.set(key, this.#count(key) + 1);
    // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer does not fail
    const begun = timer(this.#places.totalMs, this.#scheduler).subscribe(() => {
      this.#total--;
      this.#admitNext();
    });
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      if (!begun.closed) this.#total--;
      begun.unsubscribe();
      const others = this.#count(key) - 1;
      if (others > 0) this.#inside.set(key, others);
      else this.#inside.delete(key);
      this.#admitNext();
    };
    admit({ leave });
  }

  #count(key: string): number {
    return this.#inside.get(key) ?? 0;
  }
}
