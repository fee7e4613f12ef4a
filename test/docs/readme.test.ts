/**
 * Every command line of the README and of the help is run, in a folder that has what they name. What needs a camera or
 * a service, takes minutes, or sets up a checkout (.ci/quick and .ci/run do), is parsed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examples } from '../../src/commands/examples.ts';
import { verbs } from '../../src/commands/verbs.ts';
import { parse, shellLines, wordsOf } from '../support/command-lines.ts';
import { ffmpeg, makePicture, temporaryDirectory } from '../support/videos.ts';

const root = resolve(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const directory = temporaryDirectory();
afterAll(directory.remove);
const here = join(directory.path, 'here');

const lines = new Set([
  ...shellLines(readme).map((line) => line.replace(/^scripts\/setup\.sh && /, '').replace(/^npx /, '')),
  ...Object.values(examples).flatMap((list) => list.map(({ line }) => line)),
]);
lines.delete('npm test');
const hiddenFromService = /^edge-cls: [^\n]+ must be where the service can see it, but [^\n]+\n$/;
// A box may lack something that the doctor finds missing.
const allowed = (line: string): number[] => (line.startsWith('edge-cls doctor') ? [0, 1] : [0]);
const needsMore = /rtsp:|\/dev\/video|--stream door|^edge-cls run --config|^edge-cls models quantize/;

beforeAll(() => {
  mkdirSync(join(directory.path, 'bin'));
  symlinkSync(join(root, 'dist/main.js'), join(directory.path, 'bin/edge-cls'));
  mkdirSync(join(directory.path, '.config/fish/completions'), { recursive: true });
  mkdirSync(join(here, 'door'), { recursive: true });
  mkdirSync(join(here, 'image'));
  symlinkSync(join(root, 'samples'), join(here, 'samples'));
  for (const video of ['holiday', 'door', 'shelf']) {
    const length = video === 'holiday' ? ['-t', '20', '-r', '1'] : ['-t', '1'];
    const cut = ['-i', join(root, 'samples/demo.mp4'), ...length, '-vf', 'scale=320:-2', '-an'];
    ffmpeg(...cut, '-c:v', 'libx264', '-preset', 'ultrafast', join(here, `${video}.mp4`));
  }
  for (let i = 0; i < 4; i++) makePicture(join(here, 'door', `${i}.png`), '64x48', `0x${i}0a040`);
  for (const [name, colour] of [
    ['pets/cat', 'ff'],
    ['pets/dog', '10'],
    ['photographs', '60'],
  ] as const) {
    mkdirSync(join(here, name), { recursive: true });
    for (let i = 0; i < 6; i++) makePicture(join(here, name, `${i}.png`), '48x48', `0x${colour}${i}0${i}0`);
  }
  writeFileSync(join(here, 'edge-cls.yaml'), 'streams:\n  - { name: door, source: rtsp://camera.lan/stream1 }\n');
});

describe('each command line of the README and of the help', () => {
  test('there are some', () => expect(lines.size).toBeGreaterThan(25));

  test.each([...lines].filter((line) => !needsMore.test(line)))('%s is run', (line) => {
    const { PATH = '' } = process.env;
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', line], {
      cwd: here,
      encoding: 'utf8',
      env: { PATH: `${directory.path}/bin:${PATH}`, HOME: directory.path },
    });
    // A checkout or a Node.js below /tmp or /home is one that a service can't see, which install says.
    if (line.startsWith('edge-cls install') && status === 78) expect(stderr).toMatch(hiddenFromService);
    else expect(allowed(line), `${stdout}${stderr}`).toContain(status);
    expect(stderr).not.toMatch(/fault of edge-cls|npm warn/);
  });

  test.each([...lines].filter((line) => needsMore.test(line)))('%s is parsed', async (line) => {
    const [program, ...argv] = wordsOf(line);
    expect(program).toBe('edge-cls');
    await expect(parse(argv)).resolves.toBeUndefined();
  });
});

test('what is parsed would be refused were it wrong', async () => {
  await expect(parse(wordsOf("edge-cls adapt 'door/' --resolutoin 1080p").slice(1))).rejects.toThrow(/unknown option/);
  await expect(parse(['run', 'a.mp4', '--device', 'abacus'])).rejects.toThrow(/Allowed choices/);
});

test('npx runs it in the checkout, without a word of npm', () => {
  const { stdout, stderr } = spawnSync('npx', ['edge-cls', '--version'], { cwd: root, encoding: 'utf8' });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(stderr).toBe('');
});

describe('the README', () => {
  test('sets up and tests by scripts that there are', () => {
    const scripts = shellLines(readme).filter((line) => line.startsWith('scripts/'));
    expect(scripts).toEqual(['scripts/setup.sh && npx edge-cls run samples/demo.mp4', 'scripts/setup.sh && npm test']);
    expect(existsSync(join(root, 'scripts/setup.sh'))).toBe(true);
  });

  test('names in its table every verb, and none else', () => {
    const rows = [...readme.matchAll(/^\| `([^|]+?)` +\|/gm)].map(([, cell = '']) => cell.split(/[ `]/)[0] ?? '');
    expect([...new Set(rows)].toSorted()).toEqual(Object.keys(verbs).toSorted());
  });

  test('links to files that there are', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !/^https?:/.test(link) && !existsSync(join(root, link)))).toEqual([]);
  });
});

const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const documented = documents.flatMap((name) =>
  shellLines(readFileSync(join(root, 'docs', name), 'utf8'))
    .map((line) => line.replace(/^(sudo|npx) /, ''))
    .filter((line) => line.startsWith('edge-cls '))
    .map((line) => [name, line] as const),
);
test.each(documented)('docs/%s: %s is parsed', async (_, line) => {
  await expect(parse(wordsOf(line).slice(1))).resolves.toBeUndefined();
});
