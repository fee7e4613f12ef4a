/** What a search found out about fitting, for those who fit afterwards: one file for each thing that is fitted. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../domain/atomic-write.ts';
import { ConfigurationError } from '../domain/errors.ts';

const fittingDefault = z.strictObject({
  learning_rate: z.number().positive(),
  batch_size: z.int().positive().optional(),
  /** The objective's name and its value with these settings. */
  objective: z.string(),
  score: z.number(),
  algorithm: z.string(),
  /** Where the search was written down. */
  directory: z.string(),
  found_at: z.iso.datetime(),
});

export type FittingDefault = z.infer<typeof fittingDefault>;

export interface FittingKey {
  readonly target: 'adapter' | 'head';
  /** `sha256:…` of the bundle that is fitted, or whose backbone is. */
  readonly bundleDigest: string;
  /** `geometryKey` of the front end, or the kind of the head. */
  readonly variant: string;
}

/**
 * The settings found for this bundle and variant; undefined where none were looked for.
 *
 * Throws a `ConfigurationError` for a file that holds something else.
 */
export async function readFittingDefault(stateDirectory: string, key: FittingKey): Promise<FittingDefault | undefined> {
  const path = pathOf(stateDirectory, key);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ConfigurationError(`the fitting defaults ${path} must be a file that can be read`, { cause: error });
  }
  try {
    return fittingDefault.parse(JSON.parse(text));
  } catch (error) {
    throw new ConfigurationError(
      `the fitting defaults ${path} must be as edge-cls tune writes them, they are not; remove the file, or tune again`,
      { cause: error },
    );
  }
}

/** Keeps the settings in the place of those that were there. Returns the file's path. */
export async function writeFittingDefault(
  stateDirectory: string,
  key: FittingKey,
  settings: FittingDefault,
): Promise<string> {
  const path = pathOf(stateDirectory, key);
  await mkdir(join(stateDirectory, folder), { recursive: true });
  await writeFileAtomic(path, `${JSON.stringify(fittingDefault.parse(settings), null, 2)}\n`);
  return path;
}

const folder = 'fitting-defaults';

function pathOf(stateDirectory: string, { target, bundleDigest, variant }: FittingKey): string {
  const digest = bundleDigest.replace(/^sha256:/, '').slice(0, 16);
  return join(stateDirectory, folder, `${target}-${digest}-${variant}.json`);
}
