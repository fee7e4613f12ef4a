import { unpainted, type Paint } from './paint.ts';
import { barText, leftText, positionText, share, speedText, type Progress } from './progress.ts';
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
  /** How far it is, where it has an end that is known. */
  readonly progress?: Progress | undefined;
  /** Said instead of the label when it is anything but delivering frames, for example `connecting`. */
  readonly state?: string;
}

/** Parts of a line, the first to be left out on a narrow terminal first. */
const sacrifices = ['dropped', 'latency', 'position', 'speed', 'rate', 'bar', 'left', 'percent'] as const;

const barColumns = 20;

/**
 * One line per stream, aligned, each at most `columns` wide:
 *
 * ```
 * door        25.0/s  latency   32 ms  dropped 12  ● water bottle 0.52
 * film.mp4  ━━━━━━━━━───────────   45 %  0:05 of 0:12   2.4×  0:03 left  ○ cup 0.10
 * ```
 *
 * `●` is a label that is on, `○` only the likeliest. What does not fit is left out, drops first, then the end is cut.
 */
export function statusLines(statuses: readonly StreamStatus[], columns: number): string[] {
  const nameColumns = Math.min(20, Math.max(0, ...statuses.map(({ stream }) => width(plain(stream)))));
  return statuses.map((status) => statusLine(status, nameColumns, columns));
}

function statusLine(status: StreamStatus, nameColumns: number, columns: number): string {
  const parts = {
    name: fitted(plain(status.stream), nameColumns),
    ...(status.progress ? progressParts(status.progress) : liveParts(status)),
    dropped: status.dropped > 0 ? `dropped ${status.dropped}` : undefined,
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

function liveParts({ framesPerSecond, age }: StreamStatus) {
  return {
    rate: `${framesPerSecond.toFixed(1).padStart(6)}/s`,
    latency: age ? `latency ${milliseconds(age.p50)} ms` : undefined,
  };
}

function progressParts(progress: Progress) {
  return {
    bar: barText(progress, barColumns),
    percent: `${String(Math.floor(100 * share(progress))).padStart(3)} %`,
    position: positionText(progress),
    speed: speedText(progress),
    left: leftText(progress),
  };
}

/** What is on in green, the bar in its colours. */
export function paintedLine(line: string, paint: Paint = unpainted): string {
  return line
    .replace(/━+/, (done) => paint('cyan', done))
    .replace(/─+/, (rest) => paint('dim', rest))
    .replace(/●[^●○]*/g, (on) => paint('green', on));
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
