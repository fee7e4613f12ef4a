/** Results as CSV (RFC 4180, lines end with \n): a row per picture, and per time that a label was there in a video. */
import { handlers, type Subscriber } from '../domain/happenings.ts';
import { redact } from '../domain/redact.ts';
import { micro } from './micro.ts';

const columns = ['stream', 'file', 'label', 'probability', 'from_seconds', 'to_seconds'] as const;
type Row = Readonly<Partial<Record<(typeof columns)[number], string | number>>>;

/** Rows are written as soon as they are known, below a line of heads; nothing is kept but what is on. */
export function csvRows(write: (line: string) => void): Subscriber {
  const on = new Map<string, { readonly fromSeconds: number; readonly probability: number }>();
  write(`${columns.join(',')}\n`);
  return handlers({
    picture: ({ stream, picture: { file, label, probability } }) =>
      write(line({ stream, file, label, probability: micro(probability) })),
    event: ({ stream, event: { kind, label, probability, presentationSeconds, sinceSeconds, durationSeconds } }) => {
      const key = JSON.stringify([stream, label]);
      if (kind === 'onset') {
        on.set(key, { fromSeconds: sinceSeconds ?? presentationSeconds, probability });
        return;
      }
      const onset = on.get(key);
      on.delete(key);
      if (!onset) return;
      const from = onset.fromSeconds;
      const to = from + (durationSeconds ?? 0);
      write(
        line({
          stream,
          label,
          probability: micro(onset.probability),
          from_seconds: micro(from),
          to_seconds: micro(to),
        }),
      );
    },
  });
}

function line(row: Row): string {
  return `${columns.map((column) => cell(row[column])).join(',')}\n`;
}

function cell(value: string | number | undefined): string {
  const text = typeof value === 'string' ? redact(value) : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
