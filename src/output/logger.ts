import { pino, type Logger } from 'pino';
import type { Clock } from '../domain/clock.ts';
import { redactDeep } from './http/redact-deep.ts';
import { redact } from '../domain/redact.ts';
import { journalText, logText, type LogRecord } from './log-text.ts';

export type LogLevel = LogRecord['level'];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** `json`: one object per line; `text`: for people; `journal`: text for systemd's journal. */
  readonly format: 'json' | 'text' | 'journal';
  /** Takes one line with its line break; standard error, or the live view's `print`. */
  readonly write: (line: string) => void;
  readonly clock: Pick<Clock, 'date'>;
  /** Told of every message that is written, for metrics. */
  readonly onMessage?: (level: LogLevel) => void;
}

/**
 * The program's logger. Whatever is logged, and by whom, passes through `redact` here, at the
 * sink: messages, fields, nested ones, errors with their causes and stacks.
 */
export function createLogger({ level, format, write, clock, onMessage }: LoggerOptions): Logger {
  const sink = {
    write: (line: string) => {
      const { level: label, time, ...words } = JSON.parse(line) as LogRecord;
      const record: LogRecord = { level: label, time, ...(redactDeep(words, redact) as object) };
      write(
        `${format === 'json' ? JSON.stringify(record) : format === 'text' ? logText(record) : journalText(record)}\n`,
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
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
}
