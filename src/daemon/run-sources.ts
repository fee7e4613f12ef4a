/** The composition root of `edge-cls run` on sources: devices, sinks, live view and log, closed in reverse. */
import type { Config } from '../config/schema.ts';
import { systemClock } from '../domain/clock.ts';
import { isStandardOutput } from '../domain/file-identity.ts';
import { Happenings } from '../domain/happenings.ts';
import type { Part } from '../domain/part.ts';
import { stopBehind } from '../domain/stop.ts';
import { csvRows } from '../output/csv.ts';
import { LiveView } from '../output/live-view.ts';
import { logStop, runLog } from '../output/log-happenings.ts';
import { createLogger } from '../output/logger.ts';
import { paintFor } from '../output/paint.ts';
import { Sinks } from '../output/sinks/sinks.ts';
import type { StreamStatus } from '../output/status-lines.ts';
import { StreamBoard } from '../output/stream-board.ts';
import { droppedTotal, Ledger } from '../pipeline/ledger.ts';
import { Annotation } from './annotation.ts';
import { configuredEngine, configuredFfmpeg } from './configured-parts.ts';
import { onTimer } from './every.ts';
import { run, type RunOutcome } from './run.ts';
import { parseSource } from '../video/source/source-spec.ts';
import { ffmpegSources } from './stream/sources.ts';

export interface RunSourcesOptions {
  /** Ends the run in order. */
  readonly signal: AbortSignal;
  /** Standard output belongs to the summary. */
  readonly json: boolean;
  /** Standard output belongs to the results as CSV, which are written as they come. */
  readonly csv: boolean;
  /** Nothing but errors on the way. */
  readonly quiet: boolean;
  /** What reading the configuration had to say. */
  readonly notices: readonly string[];
  /** A video that the first source is written to, with label and probability drawn in. */
  readonly annotate: string | undefined;
  /** What is wanted of each source; the whole by default. */
  readonly part: Part | undefined;
}

const progressMs = 100;
const clock = systemClock;

/** Resolves when all sources have ended, or the signal has ended them. */
export async function runSources(
  config: Config,
  { signal, json, csv, quiet, notices, annotate, part }: RunSourcesOptions,
): Promise<Pick<RunOutcome, 'summary' | 'failures'>> {
  const out = json || csv || config.sinks.some(({ path }) => isStandardOutput(path)) ? process.stderr : process.stdout;
  using view = new LiveView({ out, clock, statusIntervalSeconds: config.output.status_interval_seconds, quiet });
  const log = createLogger({
    level: config.log.level,
    format: config.log.format === 'json' ? 'json' : 'text',
    write: (line) => view.print(line),
    clock,
    paint: paintFor(out),
  });
  logStop(log, signal);
  const ffmpeg = await configuredFfmpeg(config);
  const [first] = config.streams;
  // Better told now than after the last frame.
  const annotation =
    annotate === undefined || !first
      ? undefined
      : await Annotation.prepare({ input: parseSource(first.source), output: annotate, ffmpeg, signal });
  await using engine = await configuredEngine(config);
  const happenings = new Happenings();
  const board = new StreamBoard(clock);
  await using sinks = await Sinks.open(config.sinks, {
    clock,
    stdout: process.stdout,
    tell: (sentence) => happenings.tell({ type: 'trouble', sentence }),
  });
  happenings.subscribe(board.subscriber);
  if (annotation) happenings.subscribe(annotation.subscriber);
  happenings.subscribe(sinks.subscriber);
  if (csv) happenings.subscribe(csvRows((line) => process.stdout.write(line)));
  happenings.subscribe(runLog(log));
  for (const sentence of [...notices, ...(annotation?.notice === undefined ? [] : [annotation.notice])])
    happenings.tell({ type: 'trouble', sentence });
  happenings.tell({ type: 'device_chosen', ...engine.report });
  const ledger = new Ledger(happenings);
  const draw = () => view.update(statuses(board, ledger), footer(board));
  const stopProgress = onTimer(progressMs, draw);
  let outcome: RunOutcome;
  try {
    outcome = await run({ config, engine, sources: ffmpegSources(ffmpeg), part, clock, ledger, happenings, signal });
    // The last state stays.
    draw();
  } finally {
    stopProgress();
  }
  await sinks.flush();
  view.close();
  const { summary, failures, firstPlan } = outcome;
  const fault = annotation && firstPlan ? await annotation.write(firstPlan) : undefined;
  // A reader that went away (`| head`) has had what it wanted.
  const wanted = stopBehind(signal.reason)?.reason !== 'shutdown';
  return {
    summary,
    failures: [...failures, ...(fault === undefined ? [] : [fault]), ...(wanted ? sinks.losses() : [])],
  };
}

/** What the live view shows: a line per stream that has had frames and has more of them. */
function statuses(board: StreamBoard, ledger: Ledger): StreamStatus[] {
  const isOnly = board.names().length === 1;
  return ledger.streams().flatMap((stream) => {
    if (board.hasEnded(stream) && !isOnly) return [];
    const { framesPerSecond = 0, age, best, on = [], progress } = board.read(stream) ?? {};
    return {
      stream,
      framesPerSecond,
      dropped: droppedTotal(ledger.counts(stream)),
      on,
      ...(progress && { progress }),
      ...(age && { age }),
      ...(best && { best }),
    };
  });
}

/** Of several sources, how many are done. */
function footer(board: StreamBoard): string | undefined {
  const names = board.names();
  if (names.length < 2) return undefined;
  const done = names.filter((name) => board.hasEnded(name)).length;
  return `${done} of ${names.length} sources done`;
}
