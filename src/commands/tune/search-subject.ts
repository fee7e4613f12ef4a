/** What a search's directory is about beside its settings: other photographs would make other scores. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import { ConfigurationError } from '../../domain/errors.ts';

export type Subject = Readonly<Record<string, string | number>>;

const file = 'subject.json';

/**
 * Writes the subject into the directory of a new search. Throws a `ConfigurationError` that names the first
 * difference where a search with another subject is there.
 */
export async function claimDirectory(directory: string, subject: Subject): Promise<void> {
  const path = join(directory, file);
  const before = await readSubject(path);
  if (before === undefined) {
    await mkdir(directory, { recursive: true });
    await writeFileAtomic(path, `${JSON.stringify(subject, null, 2)}\n`);
    return;
  }
  const differing = Object.keys({ ...before, ...subject }).find((key) => before[key] !== subject[key]);
  if (differing === undefined) return;
  throw new ConfigurationError(
    `the search in ${directory} must have the ${differing} with which it began, ${before[differing] ?? 'none'}, ` +
      `it was ${subject[differing] ?? 'none'}; choose another --directory for a new search`,
  );
}

async function readSubject(path: string): Promise<Subject | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as Subject;
  } catch (cause) {
    throw new ConfigurationError(`${path} must be JSON, it is not; choose another --directory for the search`, {
      cause,
    });
  }
}
