/**
 * What has been opened, to be closed in reverse: every disposer runs, whatever the others throw, and
 * all that they throw is kept. `AsyncDisposableStack` of later Nodes, as far as it is needed.
 */
export class DisposeStack implements AsyncDisposable {
  #disposers: (() => unknown)[] = [];
  #disposed: Promise<void> | undefined;

  /** Takes over the resource, which it returns; `undefined` is none. */
  use<T extends AsyncDisposable | Disposable | undefined>(resource: T): T {
    if (resource !== undefined) {
      this.defer(() =>
        Symbol.asyncDispose in resource ? resource[Symbol.asyncDispose]() : resource[Symbol.dispose](),
      );
    }
    return resource;
  }

  /** The function may return a promise, which is waited for. */
  defer(dispose: () => unknown): void {
    if (this.#disposed !== undefined) throw new Error('the stack has been disposed of, nothing can be added to it');
    this.#disposers.push(dispose);
  }

  /** A new stack that owns all of it from now on, and this one nothing: for what outlives the scope that opened it. */
  move(): DisposeStack {
    const moved = new DisposeStack();
    moved.#disposers = this.#disposers;
    this.#disposers = [];
    return moved;
  }

  /** Rejects with the error where there was one, and with an `AggregateError` of all where there were several. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#disposed ??= this.#disposeAll());
  }

  async #disposeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const dispose of this.#disposers.splice(0).reverse()) {
      try {
        await dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} resources could not be closed`);
  }
}
