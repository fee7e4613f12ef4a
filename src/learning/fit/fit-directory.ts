/** A fit on disk while it runs: what was decided, where it stands, what happened; gone on with after a crash. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { FitState, StepRecord } from './fit.ts';
import type { DecidedStage } from './stages.ts';

/** One step as the history has it. */
export interface HistoryRow extends StepRecord {
  readonly stage: string;
  readonly seconds: number;
}

const columns = ['stage', 'step', 'loss', 'pieces', 'gradient_norm', 'rate_factor', 'seconds'] as const;

export class FitDirectory {
  readonly path: string;
  /** Names all that decides the course of the fit: other material or settings never go on from this one. */
  readonly #key: string;
  #rows: HistoryRow[] = [];

  private constructor(path: string, key: string) {
    this.path = path;
    this.#key = key;
  }

  /** Makes the directory, or goes on with it where a fit of the same key was cut off. */
  static async open(path: string, key: string): Promise<FitDirectory> {
    await mkdir(path, { recursive: true });
    const directory = new FitDirectory(path, key);
    directory.#rows = await readHistory(join(path, 'history.csv'));
    return directory;
  }

  get history(): readonly HistoryRow[] {
    return this.#rows;
  }

  /** What was decided for a stage before the fit was cut off. */
  async decided(stage: string): Promise<DecidedStage | undefined> {
    const text = await readFile(this.#file(stage, 'decided.json'), 'utf8').catch(() => '{}');
    const { key, decided } = JSON.parse(text) as { key?: string; decided?: DecidedStage };
    return key === this.#key ? decided : undefined;
  }

  async decide(stage: string, decided: DecidedStage): Promise<void> {
    await writeFileAtomic(this.#file(stage, 'decided.json'), JSON.stringify({ key: this.#key, decided }));
  }

  /** Where a stage stands; its history is cut back to there. */
  async resume(stage: string): Promise<FitState | undefined> {
    const state = await readCheckpoint(this.#file(stage, 'checkpoint.safetensors'), this.#key);
    this.#rows = this.#rows.filter((row) => row.stage !== stage || row.step <= (state?.step ?? 0));
    return state;
  }

  record(row: HistoryRow): void {
    this.#rows.push(row);
  }

  /** The history first, so that it is never behind the state that it led to. */
  async save(stage: string, state: FitState): Promise<void> {
    await this.writeHistory();
    await writeCheckpoint(this.#file(stage, 'checkpoint.safetensors'), this.#key, state);
  }

  async writeHistory(): Promise<void> {
    const lines = this.#rows.map((row) =>
      [row.stage, row.step, row.loss, piecesText(row.pieces), row.gradientNorm, row.rateFactor, row.seconds].join(','),
    );
    await writeFileAtomic(join(this.path, 'history.csv'), `${[columns.join(','), ...lines].join('\n')}\n`);
  }

  /** Takes away what only an unfinished fit needs. */
  async finish(): Promise<void> {
    const names = await readdir(this.path);
    const inner = names.filter((name) => name.endsWith('.checkpoint.safetensors') || name.endsWith('.decided.json'));
    for (const name of inner) await rm(join(this.path, name), { force: true });
  }

  #file(stage: string, what: string): string {
    return join(this.path, `${stage}.${what}`);
  }
}

/** `align=0.2 labels=0.5` */
function piecesText(pieces: Readonly<Record<string, number>>): string {
  return Object.entries(pieces)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

async function readHistory(path: string): Promise<HistoryRow[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.split('\n').slice(1).filter(Boolean);
  return lines.map((line) => {
    const [stage = '', step, loss, pieces = '', gradientNorm, rateFactor, seconds] = line.split(',');
    const parts = pieces.split(' ').map((piece): [string, number] => {
      const [name = '', value] = piece.split('=');
      return [name, Number(value)];
    });
    return {
      stage,
      step: Number(step),
      loss: Number(loss),
      pieces: Object.fromEntries(parts),
      gradientNorm: Number(gradientNorm),
      rateFactor: Number(rateFactor),
      seconds: Number(seconds),
    };
  });
}
