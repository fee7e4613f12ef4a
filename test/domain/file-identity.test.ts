import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileIdentity, isStandardOutput } from '../../src/domain/file-identity.ts';
import { temporaryDirectory } from '../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
mkdirSync(at('logs'));
symlinkSync(at('logs'), at('var'));
writeFileSync(at('logs/there'), 'x');
linkSync(at('logs/there'), at('hard'));
symlinkSync('logs/absent', at('dangling'));
symlinkSync(at('loop'), at('loop'));

it.each([
  ['another spelling', 'logs/there', 'logs/../logs/./there'],
  ['a folder that is a link', 'logs/there', 'var/there'],
  ['a hard link', 'logs/there', 'hard'],
  ['what is not there yet, below a link', 'logs/absent', 'var/absent'],
  ['a link to what is not there yet', 'logs/absent', 'dangling'],
])('is the same for %s', (_, first, second) => {
  expect(fileIdentity(at(second))).toBe(fileIdentity(at(first)));
  expect(fileIdentity(relative('', at(second)))).toBe(fileIdentity(at(first)));
});

it('is another for other files, links that lead nowhere and devices', () => {
  const others = ['logs/there', 'logs/absent', 'there', 'loop', 'none/there'].map(at);
  expect(new Set([...others, '/dev/null', '/dev/full'].map(fileIdentity)).size).toBe(7);
});

it('knows the names of standard output', () => {
  expect(['-', '/dev/stdout', at('logs/there')].map(isStandardOutput)).toEqual([true, true, false]);
});
