/** Completion as the shells themselves do it; of those that are not installed it is skipped. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verbs } from '../../src/commands/verbs.ts';
import { temporaryDirectory } from '../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const main = resolve(import.meta.dirname, '../../dist/main.js');
const shell = (name: 'bash' | 'zsh' | 'fish') => ({
  absent: spawnSync(name, ['--version']).error !== undefined,
  script: join(directory.path, name),
});

const env = { ...process.env, HOME: directory.path, PATH: `${directory.path}/bin:${process.env['PATH'] ?? ''}` };
const where = { cwd: join(directory.path, 'here'), env, encoding: 'utf8' } as const;

beforeAll(() => {
  mkdirSync(join(directory.path, 'bin'));
  symlinkSync(main, join(directory.path, 'bin/edge-cls'));
  mkdirSync(join(where.cwd, 'my folder'), { recursive: true });
  writeFileSync(join(where.cwd, 'film.mp4'), '');
  for (const name of ['bash', 'zsh', 'fish'] as const) {
    writeFileSync(shell(name).script, execFileSync('edge-cls', ['completion', name], { env }));
  }
});

const bundles = ['efficientnet-lite0-imagenet', 'inception-v3-cats-dogs'];

const bash = shell('bash');
describe.skipIf(bash.absent)('bash (skipped where it is absent)', () => {
  /** What is offered for the last word. */
  const offered = (...words: string[]) => {
    const list = words.map((word) => `'${word}'`).join(' ');
    const script = `source '${bash.script}'; COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _edge_cls; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['--norc', '-c', script], { ...where, stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split('\n');
  };

  test('offers verbs, verbs below them, options, words, bundles and folders', () => {
    expect(offered('edge-cls', '')).toEqual([...Object.keys(verbs), '-V', '--version', '-h', '--help']);
    expect(offered('edge-cls', 'ad')).toEqual(['adapt', 'adapters']);
    expect(offered('edge-cls', 'models', 'v')).toEqual(['verify']);
    expect(offered('edge-cls', 'run', '--every')).toEqual(['--every-frame']);
    expect(offered('edge-cls', 'run', '--realtime', '--device', 'web')).toEqual(['webgpu']);
    expect(offered('edge-cls', 'models', 'verify', '--device', 'cp')).toEqual(['cpu']);
    expect(offered('edge-cls', 'run', '--device', '=', 'cp')).toEqual(['cpu']);
    expect(offered('edge-cls', 'run', '--device', '=')).toContain('tensorrt');
    expect(offered('edge-cls', 'run', '--bundle', '')).toEqual([...bundles, 'my folder']);
    expect(offered('edge-cls', 'models', 'show', 'inc')).toEqual(['inception-v3-cats-dogs']);
    expect(offered('edge-cls', 'train', '')).toEqual(['my folder']);
    // Files are left to bash.
    expect(offered('edge-cls', 'run', 'fi')).toEqual(['']);
  });

  test('a source by the name of a verb is none, and old names are not offered', () => {
    expect(offered('edge-cls', 'run', 'probe', '--every')).toEqual(['--every-frame']);
    expect(offered('edge-cls', 'run', '--mod')).toEqual(['']);
  });
});

const zsh = shell('zsh');
describe.skipIf(zsh.absent)('zsh (skipped where it is absent)', () => {
  /** The line after the tabulator key, in a terminal. */
  const completed = (line: string) => {
    const driver = `
      zmodload zsh/zpty
      zpty it zsh -f -i
      zpty -w it "PROMPT= PROMPT2=; autoload -Uz compinit; compinit -u -D; source '${zsh.script}'"
      zpty -w it 'shown() { print -r -- "<<$BUFFER>>"; BUFFER= }; zle -N shown; bindkey "^G" shown; setopt menu_complete'
      zpty -w it 'print re""ady'
      zpty -r -m it text '*ready*'
      zpty -w -n it "$LINE_TO_COMPLETE"$'\\t\\a'
      zpty -r -m it text '*<<*>>*'
      print -r -- "$text"
      zpty -d it`;
    const { stdout } = spawnSync('zsh', ['-f', '-c', driver], {
      ...where,
      env: { ...env, LINE_TO_COMPLETE: line },
      timeout: 20_000,
    });
    return /<<(.*)>>/.exec(stdout)?.[1]?.trimEnd();
  };

  test.each([
    ['edge-cls mod', 'edge-cls models'],
    ['edge-cls models ver', 'edge-cls models verify'],
    ['edge-cls run --every', 'edge-cls run --every-frame'],
    ['edge-cls run film.mp4 --device web', 'edge-cls run film.mp4 --device webgpu'],
    ['edge-cls run --bundle eff', 'edge-cls run --bundle efficientnet-lite0-imagenet'],
    ['edge-cls probe fi', 'edge-cls probe film.mp4'],
    ['edge-cls train my', 'edge-cls train my\\ folder/'],
  ])('%s', (line, whole) => {
    expect(completed(line)).toBe(whole);
  });
});

const fish = shell('fish');
describe.skipIf(fish.absent)('fish (skipped where it is absent)', () => {
  const offered = (line: string) =>
    execFileSync('fish', ['--no-config', '-c', `source '${fish.script}'; complete -C '${line}'`], where)
      .trim()
      .split('\n')
      .map((row) => row.split('\t')[0]);

  test('offers verbs, verbs below them, options, words, bundles, files and folders', () => {
    expect(offered('edge-cls ').toSorted()).toEqual(Object.keys(verbs).toSorted());
    expect(offered('edge-cls models v')).toEqual(['verify']);
    expect(offered('edge-cls run --every')).toEqual(['--every-frame']);
    expect(offered('edge-cls run --device web')).toEqual(['webgpu']);
    expect(offered('edge-cls run --bundle inc')).toEqual(['inception-v3-cats-dogs']);
    expect(offered('edge-cls models show eff')).toContain('efficientnet-lite0-imagenet');
    expect(offered('edge-cls run fi')).toEqual(['film.mp4']);
    expect(offered('edge-cls train my')).toEqual(['my folder/']);
  });
});

test('another shell is refused with the names of those that there are', () => {
  const { status, stderr } = spawnSync(process.execPath, [main, 'completion', 'csh'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
