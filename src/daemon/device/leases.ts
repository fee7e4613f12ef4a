/** What several use at the same time: made for the first, disposed of when the last has given it back. */
import { DisposeStack } from '../../domain/dispose-stack.ts';

/** Disposing gives it back. */
export interface Lease<T> extends AsyncDisposable {
  readonly value: T;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Entry<T> {
  readonly value: Promise<T>;
  users: number;
}

export class Leases<T extends AsyncDisposable> implements AsyncDisposable {
  readonly #entries = new Map<string, Entry<T>>();

  /** How many there are, made or being made. */
  get size(): number {
    return this.#entries.size;
  }

  /** Rejects as `make` does; nothing is kept of that, so that the next who asks tries again. */
  async take(key: string, make: () => Promise<T>): Promise<Lease<T>> {
    const entry = this.#entries.get(key) ?? { value: make(), users: 0 };
    this.#entries.set(key, entry);
    entry.users++;
    try {
      const value = await entry.value;
      return { value, [Symbol.asyncDispose]: this.#giveBack(key, entry, value) };
    } catch (error) {
      this.#forget(key, entry);
      throw error;
    }
  }

  /** Disposes of all, also of what somebody still has. */
  async [Symbol.asyncDispose](): Promise<void> {
    await using values = new DisposeStack();
    for (const { value } of this.#entries.values()) {
      // Who asked for what could not be made has been told.
      const made = await value.catch(() => undefined);
      values.use(made);
    }
    this.#entries.clear();
  }

  /** Counts once, however often it is called. */
  #giveBack(key: string, entry: Entry<T>, value: T): () => Promise<void> {
    let given = false;
    return async () => {
      if (given) return;
      given = true;
      if (--entry.users > 0) return;
      this.#forget(key, entry);
      await value[Symbol.asyncDispose]();
    };
  }

  #forget(key: string, entry: Entry<T>): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}
