import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageFacts } from '../../src/domain/package-root.ts';

const checkout = resolve(import.meta.dirname, '../..');
const name = (node: string) => `edge-cls-${packageFacts.version}-linux-${node}`;
const here = process.arch === 'arm64' ? 'arm64' : 'x64';
const elfMachine: Readonly<Record<string, number>> = { x64: 62, arm64: 183 };
const mebibyte = 1024 ** 2;
let folder: string;

/** By way of a shell, for its umask. */
const release = (output: string, umask: string, options: string, env: Record<string, string> = {}) =>
  execa('sh', ['-c', `umask ${umask} && npm run --silent release -- ${options} --output "$0"`, join(folder, output)], {
    cwd: checkout,
    env,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edge-cls release '));
  await release('first', '022', '--only tar');
  await release('second', '077', `--only tar --arch ${here}`, { TZ: 'Asia/Tokyo', LC_ALL: 'C', TMPDIR: '/var/tmp' });
  for (const node of ['x64', 'arm64']) {
    await execa('tar', ['-xzf', join(folder, 'first', `${name(node)}.tar.gz`), '-C', folder]);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['tar.gz', 'cdx.json'])('the same commit gives the same bytes: %s', (kind) => {
  const digest = (output: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, output, `${name(here)}.${kind}`)))
      .digest('hex');
  expect(digest('second')).toBe(digest('first'));
});

test('the checksums are those of the files', async () => {
  const { stdout } = await execa('sha256sum', ['--check', 'SHA256SUMS'], { cwd: join(folder, 'first') });
  expect(stdout.split('\n').sort()).toEqual(
    ['x64', 'arm64'].flatMap((node) => [`${name(node)}.cdx.json: OK`, `${name(node)}.tar.gz: OK`]).sort(),
  );
});

describe.each(['x64', 'arm64'])('%s', (node) => {
  const files = () =>
    readdirSync(join(folder, name(node)), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name: file }) => join(parentPath, file));

  test('has native code of that system only', () => {
    const native = files().filter((path) => /\.(?:node|dll|dylib|so)(?:\.|$)/.test(path));
    expect(native.length).toBeGreaterThanOrEqual(3);
    for (const path of native) {
      const header = readFileSync(path).subarray(0, 20);
      expect([path, header.toString('latin1', 1, 4)]).toEqual([path, 'ELF']);
      expect([path, header.readUInt16LE(18)]).toEqual([path, elfMachine[node]]);
    }
  });

  test('takes no more than 150 MiB without the models', () => {
    const bytes = files()
      .filter((path) => !path.startsWith(join(folder, name(node), 'models')))
      .reduce((sum, path) => sum + readFileSync(path).length, 0);
    expect(bytes / mebibyte).toBeLessThan(150);
  });

  test('the bill of materials names what is shipped, and none of what develops it', () => {
    const bom = JSON.parse(readFileSync(join(folder, 'first', `${name(node)}.cdx.json`), 'utf8')) as {
      components: { name: string }[];
    };
    const names = bom.components.map((component) => component.name);
    expect(names).toEqual(expect.arrayContaining(['onnxruntime-node', 'fastify', `@resvg/resvg-js-linux-${node}-gnu`]));
    for (const absent of ['vitest', 'typescript', 'ffmpeg-static']) expect(names).not.toContain(absent);
  });
});

describe('run where there is nothing but Node.js and ffmpeg', () => {
  const run = async (...args: string[]) => {
    const { stdout: ffmpeg } = await execa('sh', ['-c', 'dirname "$(command -v ffmpeg)"']);
    const path = `${resolve(process.execPath, '..')}:${ffmpeg}:/usr/bin:/bin`;
    return execa(join(folder, name(here), 'bin/edge-cls'), args, {
      cwd: folder,
      extendEnv: false,
      env: { PATH: path, HOME: folder },
    });
  };

  test('it says its version', async () => expect((await run('--version')).stdout).toBe(packageFacts.version));

  test('it classifies a video', async () => {
    const { stdout } = await run('run', join(folder, name(here), 'samples/demo.mp4'), '--device', 'cpu', '--json');
    expect(stdout).toContain('espresso');
  });

  test('it finds resvg beside it', async () => {
    const { stdout } = await execa(
      process.execPath,
      ['--input-type=module', '-e', "console.log(typeof (await import('@resvg/resvg-js')).Resvg)"],
      { cwd: join(folder, name(here), 'dist') },
    );
    expect(stdout).toBe('function');
  });
});

test('without Node.js it says what is missing', async () => {
  const { stderr, exitCode } = await execa('/bin/sh', [join(folder, name(here), 'bin/edge-cls')], {
    extendEnv: false,
    env: { PATH: folder },
    reject: false,
  });
  expect(stderr).toMatch(/^edge-cls: Node\.js 20\.19 or newer must be on PATH/);
  expect(exitCode).toBe(1);
});
