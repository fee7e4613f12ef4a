/** A small terminal: understands what the live view writes, and fails on anything else. */
export class FakeTerminal {
  readonly isTTY = true;
  columns: number;
  rows: number;
  writes = 0;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns = 80, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  /** What is on the screen and above, without spaces at the ends of lines. */
  get screen(): string[] {
    return this.#lines.map((line) => line.trimEnd()).slice(0, this.#lines.at(-1) === '' ? -1 : undefined);
  }

  write(text: string): void {
    this.writes++;

    for (const [token, up] of text.matchAll(/\u001b\[(\d+)A|\u001b\[K|\u001b\[J|\n|\r|[^\u0000-\u001f]/gu)) {
      if (up !== undefined) this.#row -= Number(up);
      else if (token === '\u001b[K') this.#lines[this.#row] = this.#line().slice(0, this.#column);
      else if (token === '\u001b[J') this.#clearBelow();
      else if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#newLine();
      else this.#put(token);
      if (this.#row < Math.max(0, this.#lines.length - this.rows)) throw new Error('the cursor left the screen');
    }
  }

  #line(): string {
    return this.#lines[this.#row] ?? '';
  }

  #clearBelow(): void {
    this.#lines[this.#row] = this.#line().slice(0, this.#column);
    this.#lines.length = this.#row + 1;
  }

  #newLine(): void {
    this.#row++;
    this.#column = 0;
    this.#lines[this.#row] ??= '';
  }

  #put(character: string): void {
    if (this.#column >= this.columns) throw new Error('a line wrapped');
    this.#lines[this.#row] =
      this.#line().padEnd(this.#column).slice(0, this.#column) + character + this.#line().slice(this.#column + 1);
    this.#column++;
  }
}
