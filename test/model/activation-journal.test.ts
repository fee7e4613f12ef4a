import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  activations,
  appendEntry,
  entriesOf,
  readEntries,
  trimmed,
  type JournalEntry,
} from '../../src/model/activation-journal.ts';
import { randomNumbers } from '../support/front-end.ts';
import { temporaryDirectory } from '../support/videos.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

const streams = ['door', 'yard', null];
const targetOf = (stream: string | null) => ({ stream, bundleDigest: 'sha256:1', geometryKey: '150x150-1.1-1.1' });

function entry(i: number, action: JournalEntry['action'], stream: string | null, adapter: string | null): JournalEntry {
  const time = new Date(i).toISOString();
  const reason =
    'a test whose reason is about as long as those that fits and verdicts give, so that files are as large';
  return { time, action, stream, bundle: 'sha256:1', geometry: '150x150-1.1-1.1', adapter, reason };
}

/** As streams, fits and people do it, by chance; a roll-back only of what there is. */
function history(length: number, seed: number): JournalEntry[] {
  const random = randomNumbers(seed);
  const actions = ['activate', 'rollback', 'switch', 'offer', 'reject'] as const;
  const depths = new Map<string | null, number>();
  return Array.from({ length }, (_, i) => {
    const stream = streams[Math.floor(3 * random())] ?? null;
    const action = actions[Math.floor(5 * random())] ?? 'switch';
    const depth = depths.get(stream) ?? 0;
    if (action === 'rollback' && depth === 0) return entry(i, 'switch', stream, null);
    depths.set(stream, depth + (action === 'activate' ? 1 : action === 'rollback' ? -1 : 0));
    return entry(i, action, stream, `${Math.floor(9 * random())}`);
  });
}

const decided = (entries: readonly JournalEntry[]) =>
  streams.map((stream) => {
    const own = entriesOf(entries, targetOf(stream));
    return {
      active: activations(entries, targetOf(stream)).slice(-16),
      last: own.findLast(({ action }) => action !== 'switch'),
      settled: own.some(({ action }) => action === 'offer' || action === 'reject'),
    };
  });

describe('a journal that is trimmed', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('decides what it decided (%i)', (seed) => {
    const entries = history(1040 + 100 * seed, seed);
    const kept = trimmed(entries);
    expect(kept.length).toBeLessThan(1000 + 3 * (16 + 3) + 1);
    expect(decided(kept)).toEqual(decided(entries));
    // What is older decides alone for a target of which the newest say nothing.
    const switches = Array.from({ length: 1000 }, (_, i) => entry(9000 + i, 'switch', 'elsewhere', null));
    expect(decided(trimmed([...entries, ...switches]))).toEqual(decided(entries));
  });

  test('may hold a line twice, which is one step', () => {
    const [first, second] = [entry(0, 'activate', 'door', 'a'), entry(1, 'activate', 'door', 'b')];
    const back = entry(2, 'rollback', 'door', 'a');
    expect(activations([first, second, back, back], targetOf('door'))).toEqual(['a']);
  });

  test('stays below a limit of bytes, whole, with nothing beside it', async () => {
    const path = join(directory.path, 'journal.jsonl');
    const lines = [
      entry(0, 'activate', 'door', 'first'),
      ...Array.from({ length: 2500 }, (_, i) => entry(i, 'switch', 'yard', null)),
    ];
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const added = entry(9999, 'offer', 'door', 'second');
    await appendEntry(path, added);
    const entries = await readEntries(path);
    expect(entries).toHaveLength(1001);
    expect(entries.at(-1)).toEqual(added);
    expect(activations(entries, targetOf('door'))).toEqual(['first']);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(1001);
    expect(readdirSync(directory.path)).toEqual(['journal.jsonl']);
  });
});
