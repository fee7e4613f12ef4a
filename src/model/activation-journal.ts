/** Which adapter was made active when, line by line: the journal is the only truth about it. */
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const entrySchema = z.object({
  time: z.string(),
  /**
   * Of these, `activate` and `rollback` change what is active. `switch`: the stream came to this geometry, and
   * what was active there is used. `offer`: a fit is there to be tried; `reject`: it was tried, or could not be
   * made, and is not taken.
   */
  action: z.enum(['activate', 'rollback', 'switch', 'offer', 'reject']),
  /** `null`: for every stream that has none of its own. */
  stream: z.string().nullable(),
  bundle: z.string(),
  geometry: z.string(),
  /** What is active from now on; `null`: the closed form. */
  adapter: z.string().nullable(),
  reason: z.string(),
});

export type JournalEntry = Readonly<z.infer<typeof entrySchema>>;

/** Where an adapter is active: one geometry of one bundle, on one stream or on all. */
export interface ActivationTarget {
  readonly stream: string | null;
  readonly bundleDigest: string;
  readonly geometryKey: string;
}

/**
 * Appends a line and flushes it. Several processes may append at the same time. What a crash cut
 * off stays as a line of its own, which is not read.
 */
export async function appendEntry(path: string, entry: JournalEntry): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+');
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    const torn = size > 0 && last.toString() !== '\n';
    await file.appendFile(`${torn ? '\n' : ''}${JSON.stringify(entry)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** All whole lines, oldest first. */
export async function readEntries(path: string): Promise<readonly JournalEntry[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return text.split('\n').flatMap(parsed);
}

function parsed(line: string): JournalEntry[] {
  try {
    const result = entrySchema.safeParse(JSON.parse(line));
    return result.success ? [result.data] : [];
  } catch {
    return [];
  }
}

/** What the journal says of one target, oldest first. */
export function entriesOf(
  entries: readonly JournalEntry[],
  { stream, bundleDigest, geometryKey }: ActivationTarget,
): readonly JournalEntry[] {
  return entries.filter(
    (entry) => entry.stream === stream && entry.bundle === bundleDigest && entry.geometry === geometryKey,
  );
}

/** What was made active for the target and not rolled back, newest last. */
export function activations(entries: readonly JournalEntry[], target: ActivationTarget): readonly (string | null)[] {
  const stack: (string | null)[] = [];
  for (const { action, adapter } of entriesOf(entries, target)) {
    if (action === 'rollback') stack.pop();
    else if (action === 'activate' && (adapter !== stack.at(-1) || stack.length === 0)) stack.push(adapter);
  }
  return stack;
}
