/** Where a sink's lines go. */
export interface LineDestination {
  /** For sentences: the path, or `standard output`. */
  readonly name: string;
  /** Writes lines, in order and whole ones only, as far as that can be had. Never rejects. One call at a time. */
  append(lines: readonly string[]): Promise<Appended>;
  /** Rejects with the system's error; then all is as before. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export interface Appended {
  /** The first so many lines are where they should be. */
  readonly written: number;
  /** Why it is not all of them. */
  readonly error?: unknown;
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
