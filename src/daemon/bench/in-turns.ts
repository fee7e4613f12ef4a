/** Programs that classify one file, each in its turn, round after round: good and bad minutes of the machine hit all. */
import { UserError } from '../../domain/errors.ts';
import { median } from '../../domain/median.ts';
import type { ProgramCost } from './program-cost.ts';

export interface Contestant {
  readonly name: string;
  /** What runs it on a file, for the shell. */
  readonly line: (file: string) => string;
  /** How many frames it says that it has classified; undefined where it does not say. */
  readonly frames: (stdout: string) => number | undefined;
}

/** Two files that differ only in how long they are: what is the same for both is the start. */
export interface Course {
  readonly short: string;
  readonly long: string;
}

/** Without the start. */
export interface Figures {
  readonly framesPerSecond: number;
  readonly coreSecondsPerFrame: number;
  readonly peakBytes: number;
  /** What comes before and after all frames. */
  readonly startSeconds: number;
}

export interface Standing extends Figures {
  readonly name: string;
  /** The first contestant's rate over this one's, by round. */
  readonly ratios: readonly number[];
  /** The first one's processor time for a frame over this one's, by round. */
  readonly coreRatios: readonly number[];
  /** What it printed in the last round. */
  readonly stdout: string;
}

interface Lap extends ProgramCost {
  readonly frames: number;
}

/**
 * Figures are medians of the rounds. The first contestant has to say its frames; one that says another number, or
 * fails, is refused with a `UserError`: it does not do the same work.
 */
export async function inTurns(
  contestants: readonly Contestant[],
  course: Course,
  roundCount: number,
  cost: (line: string) => Promise<ProgramCost>,
): Promise<Standing[]> {
  const results = contestants.map((): Figures[] => []);
  const stdouts: string[] = [];
  for (let round = 0; round < roundCount; round++) {
    let first: { readonly short: Lap; readonly long: Lap } | undefined;
    for (const [index, contestant] of contestants.entries()) {
      const lap = async (length: 'short' | 'long'): Promise<Lap> => {
        const run = await cost(contestant.line(course[length]));
        return { ...run, frames: framesOf(contestant, run.stdout, first?.[length].frames) };
      };
      const laps = { short: await lap('short'), long: await lap('long') };
      first ??= laps;
      results[index]?.push(figuresOf(laps.short, laps.long));
      stdouts[index] = laps.long.stdout;
    }
  }
  return contestants.map(({ name }, index) => {
    const rounds = results[index] ?? [];
    const against = (ratio: (first: Figures, figures: Figures) => number) =>
      rounds.map((figures, round) => ratio(results[0]?.[round] ?? figures, figures));
    const medianOf = (figure: keyof Figures) => median(rounds.map((figures) => figures[figure]));
    return {
      name,
      framesPerSecond: medianOf('framesPerSecond'),
      coreSecondsPerFrame: medianOf('coreSecondsPerFrame'),
      peakBytes: medianOf('peakBytes'),
      startSeconds: medianOf('startSeconds'),
      ratios: against((first, figures) => first.framesPerSecond / figures.framesPerSecond),
      coreRatios: against((first, figures) => first.coreSecondsPerFrame / figures.coreSecondsPerFrame),
      stdout: stdouts[index] ?? '',
    };
  });
}

function framesOf({ name, frames }: Contestant, stdout: string, expected: number | undefined): number {
  const said = frames(stdout) ?? expected;
  if (said === undefined) throw new Error(`${name} must say how many frames it has classified`);
  if (expected !== undefined && said !== expected)
    throw new UserError(
      `${name} must classify ${expected} frames, it says ${said}: let it take every frame of the file`,
    );
  return said;
}

function figuresOf(short: Lap, long: Lap): Figures {
  const more = long.frames - short.frames;
  const secondsPerFrame = (long.seconds - short.seconds) / more;
  return {
    framesPerSecond: 1 / secondsPerFrame,
    coreSecondsPerFrame: (long.coreSeconds - short.coreSeconds) / more,
    peakBytes: Math.max(short.peakBytes, long.peakBytes),
    startSeconds: short.seconds - short.frames * secondsPerFrame,
  };
}
