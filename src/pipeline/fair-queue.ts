/**
 * A queue per stream, served in turn: the stream that was served longest ago comes first.
 *
 * Within a stream the order is kept. A `Map` holds the streams in the order of their turns;
 * a stream without values has no entry, so streams that end leave nothing behind.
 */
export class FairQueue<T extends { readonly stream: string; readonly submittedAt: number }> {
  readonly #turns = new Map<string, T[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    const line = this.#turns.get(item.stream);
    if (line) line.push(item);
    else this.#turns.set(item.stream, [item]);
    this.#size++;
  }

  /** Takes out an item that still waits; others are left as they are. */
  remove(item: T): void {
    const line = this.#turns.get(item.stream);
    const index = line?.indexOf(item) ?? -1;
    if (!line || index < 0) return;
    line.splice(index, 1);
    if (line.length === 0) this.#turns.delete(item.stream);
    this.#size--;
  }

  /** Up to `count` items: one of each stream, then a second one of each, and so on. */
  take(count: number): T[] {
    const taken: T[] = [];
    while (taken.length < count) {
      const first = this.#turns.entries().next().value;
      if (!first) break;
      const [stream, line] = first;
      // To the end of the turns; without values it leaves them.
      this.#turns.delete(stream);
      const item = line.shift();
      if (item) taken.push(item);
      if (line.length > 0) this.#turns.set(stream, line);
    }
    this.#size -= taken.length;
    return taken;
  }

  /** The item that has waited longest; takes one step per stream. */
  oldest(): T | undefined {
    let oldest: T | undefined;
    for (const [head] of this.#turns.values()) {
      if (head && (!oldest || head.submittedAt < oldest.submittedAt)) oldest = head;
    }
    return oldest;
  }
}
