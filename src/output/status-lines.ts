import { cut, fitted, plain, width } from './terminal-text.ts';

/** What a stream does now. */
export interface StreamStatus {
  readonly stream: string;
  /** Frames that are classified in a second. */
  readonly framesPerSecond: number;
  /** From a frame being complete to its decision, seconds. */
  readonly age?: { readonly p50: number; readonly p99: number };
  /** Frames that were not classified, since the start. */
  readonly dropped: number;
  /** The likeliest label now, with its smoothed probability, 0 to 1. */
  readonly best?: { readonly label: string; readonly probability: number };
  /** Labels that are on (an onset without its offset). */
  readonly on?: readonly string[];
  /** Said instead of the label when it is anything but delivering frames, for example `connecting`. */
  readonly state?: string;
}

/** Parts of a line, the first to be left out on a narrow terminal first. */
const sacrifices = ['dropped', 'age', 'rate'] as const;

/**
 * One line per stream, aligned, each at most `columns` wide:
 *
 * ```
 * door   25.0/s  age   32 /   80 ms  dropped 12  ● water bottle 0.52
 * ```
 *
 * `●` is a label that is on, `○` only the likeliest. What does not fit is left out: drops, then
 * the age, then the rate; then the end is cut.
 */
export function statusLines(statuses: readonly StreamStatus[], columns: number): string[] {
  const nameColumns = Math.min(20, Math.max(0, ...statuses.map(({ stream }) => width(plain(stream)))));
  return statuses.map((status) => statusLine(status, nameColumns, columns));
}

function statusLine(status: StreamStatus, nameColumns: number, columns: number): string {
  const parts = {
    name: fitted(plain(status.stream), nameColumns),
    rate: `${status.framesPerSecond.toFixed(1).padStart(6)}/s`,
    age: status.age ? `age ${milliseconds(status.age.p50)} / ${milliseconds(status.age.p99)} ms` : undefined,
    dropped: `dropped ${status.dropped}`,
    label: labelText(status),
  };
  const join = (left: ReadonlySet<string>) =>
    Object.entries(parts)
      .flatMap(([name, text]) => (text === undefined || text === '' || left.has(name) ? [] : [text]))
      .join('  ');
  const left = new Set<string>();
  for (const part of sacrifices) {
    if (width(join(left)) <= columns) break;
    left.add(part);
  }
  return cut(join(left), columns);
}

function labelText({ best, on = [], state }: StreamStatus): string {
  if (state !== undefined) return plain(state);
  if (!best) return on.length > 0 ? `● ${plain(on.join(', '))}` : '';
  const others = on.filter((label) => label !== best.label);
  const more = others.length > 0 ? `  ● ${others.join(', ')}` : '';
  return plain(`${on.includes(best.label) ? '●' : '○'} ${best.label} ${best.probability.toFixed(2)}${more}`);
}

function milliseconds(seconds: number): string {
  return (1000 * seconds).toFixed(0).padStart(4);
}
