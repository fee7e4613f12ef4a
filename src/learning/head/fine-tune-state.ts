/** Where a fine-tuning stands, on disk: a process that is killed goes on from its last epoch. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import type { Course } from './best-epoch.ts';
import type { NetworkState } from './fit-network.ts';

export interface FineTuneState {
  readonly course: Course;
  /** After the last epoch. */
  readonly last: NetworkState;
}

export interface FineTuneStateFile {
  /** Undefined where there is none, or it is damaged. */
  read(): Promise<FineTuneState | undefined>;
  write(state: FineTuneState): Promise<void>;
  /** Once the bundle is written, nobody asks any more. */
  remove(): Promise<void>;
}

const digestBytes = 32;

/** `key` is all that decides the course, but for when it ends. */
export function fineTuneStateFile(directory: string, key: unknown): FineTuneStateFile {
  const name = digestOf(Buffer.from(JSON.stringify(key)))
    .toString('hex')
    .slice(0, 16);
  const path = join(directory, `fine-tune-${name}.state`);
  return {
    async read() {
      const bytes = await readFile(path).catch(() => undefined);
      if (bytes === undefined) return undefined;
      const body = bytes.subarray(0, -digestBytes);
      return bytes.subarray(-digestBytes).equals(digestOf(body)) ? (deserialize(body) as FineTuneState) : undefined;
    },
    async write({ course, last }) {
      // The best epoch is only to be answered: Adam's moments of it would double the file.
      const { state, ...figures } = course.best;
      const best = { ...figures, state: { ...state, optimizer: { count: 0, mean: [], square: [] } } };
      const body = serialize({ course: { ...course, best }, last } satisfies FineTuneState);
      await writeFileAtomic(path, Buffer.concat([body, digestOf(body)]));
    },
    remove: () => rm(path, { force: true }),
  };
}

export function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
