import { plain } from './terminal-text.ts';

export interface LogRecord {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  /** ISO 8601. */
  readonly time: string;
  readonly msg?: string;
  readonly err?: { readonly stack?: string; readonly message?: string };
  readonly [field: string]: unknown;
}

/** A log record for people: `12:34:56.789 WARN  message  field=value`, and an error's stack below. */
export function logText({ level, time, msg = '', err, ...fields }: LogRecord): string {
  const head = `${time.slice(11, 23)} ${level.toUpperCase().padEnd(5)} ${plain(msg)}`;
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
  const stack = (err?.stack ?? err?.message)?.split('\n').map((line) => `    ${plain(line)}`) ?? [];
  return [[head, ...shown].join('  '), ...stack].join('\n');
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@*-]+$/.test(value) ? value : plain(JSON.stringify(value));
}
