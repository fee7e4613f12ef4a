/** Which adapter was made active when, line by line: the journal is the only truth about it. */
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../domain/atomic-write.ts';

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

/** About 2,000 entries; beyond, only the newest and what decides are kept. */
const mostBytes = 512 * 1024;
const newest = 1000;
/** Steps that can be rolled back, for each target, among those that are older. */
const deepest = 16;

/**
 * Appends a line and flushes it. Several processes may append at the same time. What a crash cut
 * off stays as a line of its own, which is not read.
 */
export async function appendEntry(path: string, entry: JournalEntry): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const line = JSON.stringify(entry);
  const file = await open(path, 'a+');
  let size: number;
  try {
    const before = await file.stat();
    size = before.size;
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    const torn = size > 0 && last.toString() !== '\n';
    await file.appendFile(`${torn ? '\n' : ''}${line}\n`);
    await file.sync();
    // Another process has trimmed the journal meanwhile, perhaps without this line.
    if ((await stat(path)).ino !== before.ino && !(await readFile(path, 'utf8')).includes(line)) {
      await appendEntry(path, entry);
      return;
    }
  } finally {
    await file.close();
  }
  if (size > mostBytes) await trim(path);
}

async function trim(path: string): Promise<void> {
  const file = await open(path);
  try {
    const entries = entriesIn(await file.readFile('utf8'));
    const kept = trimmed(entries);
    // Where nearly all of it decides, nothing is gained.
    if (kept.length > 0.75 * entries.length) return;
    await writeFileAtomic(path, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    // What another process appended to the old file after it had been read.
    for (const entry of entriesIn(await file.readFile('utf8'))) {
      if (!(await readFile(path, 'utf8')).includes(JSON.stringify(entry))) await appendEntry(path, entry);
    }
  } finally {
    await file.close();
  }
}

/** The newest entries, and those of the older ones that decide what is active now and after a roll-back. */
export function trimmed(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const older = entries.slice(0, -newest);
  const targets = new Map<string, JournalEntry[]>();
  for (const entry of older) {
    const target = JSON.stringify([entry.stream, entry.bundle, entry.geometry]);
    targets.set(target, [...(targets.get(target) ?? []), entry]);
  }
  const deciding = new Set([...targets.values()].flatMap(decidingOf));
  return [...older.filter((entry) => deciding.has(entry)), ...entries.slice(-newest)];
}

/** Of the entries of one target. */
function decidingOf(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const { stack, undone } = steps(entries);
  const last = entries.findLast(({ action }) => action !== 'switch');
  const settled = entries.findLast(({ action }) => action === 'offer' || action === 'reject');
  return [
    ...stack.slice(-deepest),
    ...[last, settled, last?.action === 'rollback' ? undone : undefined].filter((entry) => entry !== undefined),
  ];
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
  return entriesIn(text);
}

function entriesIn(text: string): readonly JournalEntry[] {
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
  return steps(entriesOf(entries, target)).stack.map(({ adapter }) => adapter);
}

/** `undone`: by the last roll-back. */
function steps(entries: readonly JournalEntry[]) {
  const stack: JournalEntry[] = [];
  let undone: JournalEntry | undefined;
  const seen = new Set<string>();
  for (const entry of entries) {
    const { action, adapter } = entry;
    // A line that came while another process trimmed may be there twice.
    const line = JSON.stringify(entry);
    if (seen.has(line)) continue;
    seen.add(line);
    if (action === 'rollback') undone = stack.pop();
    else if (action === 'activate' && (adapter !== stack.at(-1)?.adapter || stack.length === 0)) stack.push(entry);
  }
  return { stack, undone };
}
