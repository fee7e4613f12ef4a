/** The directory of a search, in Keras Tuner's layout, written so that a kill loses no epoch. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../domain/atomic-write.ts';
import { ConfigurationError } from '../domain/errors.ts';
import { oracleFromKeras, oracleToKeras, trialFromKeras, trialToKeras, type OracleLog } from './keras-format.ts';
import { fromPythonJson, toPythonJson, type PythonJson } from './python-text.ts';
import type { Space } from './space.ts';
import type { Objective, TrialLog } from './trial-log.ts';
import { trialsCsv } from './trials-csv.ts';

/** Where a search writes itself down. Each write is whole or has not happened. */
export interface Journal {
  /** `null`: nothing has been written yet. */
  readOracle(): Promise<OracleLog | null>;
  readTrials(): Promise<TrialLog[]>;
  writeOracle(log: OracleLog, trials: readonly TrialLog[]): Promise<void>;
  writeTrial(trial: TrialLog, space: Space, objective: Objective): Promise<void>;
  readCheckpoint(trialId: string, file: string): Promise<Uint8Array>;
  writeCheckpoint(trialId: string, file: string, data: Uint8Array): Promise<void>;
  /** Deletes the checkpoints of a trial other than those named. */
  keepCheckpoints(trialId: string, files: readonly string[]): Promise<void>;
}

const checkpointSuffix = '.checkpoint';

/**
 * The journal in a directory, which is made when it is missing: `oracle.json`, `tuner0.json`,
 * `trial_<id>/trial.json` as Keras Tuner has them, `trials.csv`, and the checkpoints beside their
 * trial. What Keras Tuner has no place for is under the key `edge_cls`, which it ignores.
 *
 * Reading throws `ConfigurationError` for a file that is not a journal's. One process at a time.
 */
export function openJournal(directory: string): Journal {
  const trialDirectory = (id: string) => join(directory, `trial_${id}`);
  const write = async (path: string, content: PythonJson) => writeFileAtomic(path, toPythonJson(content));
  return {
    async readOracle() {
      const content = await readJson(join(directory, 'oracle.json'));
      return content === undefined ? null : parsed(join(directory, 'oracle.json'), () => oracleFromKeras(content));
    },

    async readTrials() {
      const names = (await listed(directory)).filter((name) => name.startsWith('trial_')).toSorted();
      const trials: TrialLog[] = [];
      for (const name of names) {
        const path = join(directory, name, 'trial.json');
        const content = await readJson(path);
        // A directory without its file: killed between the two.
        if (content !== undefined) trials.push(parsed(path, () => trialFromKeras(content)));
      }
      return trials;
    },

    async writeOracle(log, trials) {
      await mkdir(directory, { recursive: true });
      await write(join(directory, 'tuner0.json'), {});
      await writeFileAtomic(join(directory, 'trials.csv'), trialsCsv(trials, log.settings.space));
      await write(join(directory, 'oracle.json'), oracleToKeras(log));
    },

    async writeTrial(trial, space, objective) {
      await mkdir(trialDirectory(trial.id), { recursive: true });
      await write(join(trialDirectory(trial.id), 'trial.json'), trialToKeras(trial, space, objective));
    },

    readCheckpoint: async (id, file) => readFile(join(trialDirectory(id), file)),

    async writeCheckpoint(id, file, data) {
      await mkdir(trialDirectory(id), { recursive: true });
      await writeFileAtomic(join(trialDirectory(id), file), data);
    },

    async keepCheckpoints(id, files) {
      const old = (await listed(trialDirectory(id))).filter(
        (name) => name.endsWith(checkpointSuffix) && !files.includes(name),
      );
      for (const name of old) await rm(join(trialDirectory(id), name), { force: true });
    },
  };
}

/** The name of a checkpoint: never reused for another epoch, so the old one stays whole. */
export function checkpointFile(execution: number, epoch: number): string {
  return `execution-${execution}-epoch-${epoch}${checkpointSuffix}`;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return fromPythonJson(await readFile(path, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    throw new ConfigurationError(`The search journal ${path} must be JSON; move its directory away to start anew.`, {
      cause: error,
    });
  }
}

function parsed<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ConfigurationError(
      `The search journal ${path} must have been written by this program; choose another directory for the search.`,
      { cause: error },
    );
  }
}

async function listed(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
