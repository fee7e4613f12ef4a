import { unpainted, type Paint, type Style } from './paint.ts';
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
export function logText({ level, time, msg = '', err, ...fields }: LogRecord, paint: Paint = unpainted): string {
  const name = level.toUpperCase().padEnd(5);
  const style = styles[level];
  const shownLevel = style === undefined ? name : paint(style, name);
  const head = `${paint('dim', time.slice(11, 23))} ${shownLevel} ${plain(msg)}`;
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${fieldText(value)}`);
  const stack = (err?.stack ?? err?.message)?.split('\n').map((line) => `    ${plain(line)}`) ?? [];
  return [[head, ...shown].join('  '), ...stack].join('\n');
}

const styles: Readonly<Partial<Record<LogRecord['level'], Style>>> = {
  trace: 'dim',
  debug: 'dim',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
};

/** Priorities of syslog, which journald reads at the beginning of a line (sd-daemon(3)). */
const priorities = { trace: 7, debug: 7, info: 6, warn: 4, error: 3, fatal: 2 } as const;

/** As `logText`, each line with its priority; time and level are the journal's. */
export function journalText(record: LogRecord): string {
  const [, text = ''] = /^\S+ \S+ +(.*)$/s.exec(logText(record)) ?? [];
  return text
    .split('\n')
    .map((line) => `<${priorities[record.level]}>${line}`)
    .join('\n');
}

function fieldText(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@*-]+$/.test(value) ? value : plain(JSON.stringify(value));
}
