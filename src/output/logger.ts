import { pino, stdSerializers, type Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import { redactDeep } from './http/redact-deep.ts';
import { redact } from '../domain/redact.ts';
import { journalText, logText, type LogRecord } from './log-text.ts';
import type { Paint } from './paint.ts';

export type LogLevel = LogRecord['level'];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `json`: one object per line; `text`: for people; `journal`: text for systemd's journal. */
  readonly format: 'json' | 'text' | 'journal';
  /** Takes one line with its line break; standard error, or the live view's `print`. */
  readonly write: (line: string) => void;
  readonly clock: Pick<Clock, 'date'>;
  /** Colours of `text`. */
  readonly paint?: Paint;
  /** Told of every message that is written, for metrics. */
  readonly onMessage?: (level: LogLevel) => void;
}

/**
 * The program's logger. Whatever is logged, and by whom, passes through `redact` here, at the
 * sink: messages, fields, nested ones, errors with their causes and stacks.
 */
export function createLogger({ level, format, write, clock, paint, onMessage }: LoggerOptions): Logger {
  const sink = {
    write: (line: string) => {
      const { level: label, time, ...words } = JSON.parse(line) as LogRecord;
      const record: LogRecord = { level: label, time, ...(redactDeep(words, redact) as object) };
      write(
        `${format === 'json' ? JSON.stringify(record) : format === 'text' ? logText(record, paint) : journalText(record)}\n`,
      );
      onMessage?.(record.level);
    },
  };
  return pino(
    {
      level,
      // Process id and host are the journal's business.
      base: null,
      timestamp: () => `,"time":"${clock.date().toISOString()}"`,
      serializers: { err: serializedError },
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
}

/** As pino's, whose message has those of the causes behind it: one that says the same is not said again. */
function serializedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const messages: string[] = [];
  const seen = new Set<unknown>();
  for (let cause: unknown = error; cause instanceof Error && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    if (messages.at(-1) !== cause.message) messages.push(cause.message);
  }
  return { ...stdSerializers.err(error), message: messages.join(': ') };
}
