import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../src/domain/errors.ts';
import { parseList } from '../../../src/video/ffmpeg/capabilities.ts';
import { parseVersion } from '../../../src/video/ffmpeg/version.ts';
import { findFfmpeg } from '../../../src/video/ffmpeg/ffmpeg.ts';
import { installHint } from '../../../src/video/ffmpeg/install-hint.ts';
import { temporaryDirectory } from '../../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);

/** A program that answers like an ffmpeg of this version, with these parts. */
function fake(name: string, version: string, parts = ''): string {
  const path = join(directory.path, name);
  writeFileSync(path, `#!/bin/sh\ncase "$*" in *-version*) echo "${version}" ;; *) printf '${parts}' ;; esac\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('findFfmpeg', () => {
  test('finds the one on PATH', async () => {
    const found = await findFfmpeg({ env: { PATH: process.env['PATH'] } });
    expect(found.path).toMatch(/\/ffmpeg$/);
    expect(found.version[0]).toBeGreaterThanOrEqual(5);
    expect(found.decoders.has('h264')).toBe(true);
    expect(found.filters.has('showinfo')).toBe(true);
    expect(found.encoders.has('rawvideo')).toBe(true);
  });

  test('the configured one comes before the environment, that before PATH', async () => {
    const real = await findFfmpeg({ env: { PATH: process.env['PATH'] } });
    const env = { PATH: process.env['PATH'], EDGE_CLS_FFMPEG: real.path };
    expect((await findFfmpeg({ env })).report).toBe('env EDGE_CLS_FFMPEG');
    expect((await findFfmpeg({ env, configured: real.path })).report).toBe('config');
  });

  test('a wrong one that was named is refused, not passed over', async () => {
    const env = { PATH: process.env['PATH'], EDGE_CLS_FFMPEG: '/nowhere/ffmpeg' };
    await expect(findFfmpeg({ env })).rejects.toThrow(/\/nowhere\/ffmpeg.*ENOENT/);
    await expect(findFfmpeg({ configured: '/bin/true' })).rejects.toThrow(/must be an ffmpeg that runs/);
  });

  test('too old', async () => {
    const configured = fake('old', 'ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright');
    await expect(findFfmpeg({ configured })).rejects.toThrow(/must be of version 5\.0 or newer, but is 4\.4/);
  });

  test('what is missing is named', async () => {
    const configured = fake('bare', 'ffmpeg version 7.1', ' VFS..D h264   H.264\\n TSC scale   V->V  Scale\\n');
    const error = await findFfmpeg({ configured }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(/decoder hevc/);
    expect((error as Error).message).toMatch(/filter showinfo/);
    expect((error as Error).message).not.toMatch(/decoder h264|filter scale/);
  });

  test('is asked once, until it is another program', async () => {
    const cacheDirectory = join(directory.path, 'cache');
    const asked = join(directory.path, 'asked');
    const { path: real } = await findFfmpeg({ env: { PATH: process.env['PATH'] } });
    const configured = join(directory.path, 'counted');
    const script = `#!/bin/sh\necho "$*" >>'${asked}'\nexec '${real}' "$@"\n`;
    writeFileSync(configured, script, { mode: 0o755 });
    const first = await findFfmpeg({ configured, cacheDirectory });
    expect(await findFfmpeg({ configured, cacheDirectory })).toEqual(first);
    const questions = () => readFileSync(asked, 'utf8').trim().split('\n').length;
    expect(questions()).toBe(4);
    writeFileSync(configured, `${script}# changed\n`);
    await findFfmpeg({ configured, cacheDirectory });
    expect(questions()).toBe(8);
    writeFileSync(join(cacheDirectory, 'ffmpeg.json'), '{"path":');
    expect(await findFfmpeg({ configured, cacheDirectory })).toEqual(first);
    expect(questions()).toBe(12);
  });

  test('what cannot be kept is asked again', async () => {
    const env = { PATH: process.env['PATH'] };
    await expect(findFfmpeg({ env, cacheDirectory: '/dev/null/cache' })).resolves.toMatchObject({ report: 'system' });
  });

  test('none at all: the sentence says how to get it', async () => {
    const error = await findFfmpeg({ env: { PATH: directory.path } }).catch((reason: unknown) => reason);
    expect((error as Error).message).toMatch(/not found on PATH; get it with: .*ffmpeg/);
  });
});

test.each([
  ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000', [5, 1]],
  ['ffmpeg version n7.1-4-g123 Copyright', [7, 1]],
  ['ffmpeg version 6.0 Copyright', [6, 0]],
  ['ffmpeg version N-118-gabc Copyright\nlibavformat    61.  9.100 / 61.  9.100', [7, 0]],
  ['something else 6.0', undefined],
])('version of %j', (banner, version) => {
  expect(parseVersion(banner)).toEqual(version);
});

test('lists of ffmpeg 5 and of ffmpeg 8, whose flags have other lengths', () => {
  expect([...parseList(' ------\n VFS..D h264                 H.264\n V....D png                  PNG\n')]).toEqual([
    'h264',
    'png',
  ]);
  expect([
    ...parseList('  T.. = Timeline\n ..C scale             V->V       Scale\n TS crop              V->V       Crop\n'),
  ]).toEqual(['scale', 'crop']);
});

test.each([
  ['linux', 'ID=debian\n', 'apt install ffmpeg'],
  ['linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'apt install ffmpeg'],
  ['linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', /^dnf install/],
  ['linux', 'ID=alpine\n', 'apk add ffmpeg'],
  ['linux', '', /package ffmpeg/],
  ['darwin', '', 'brew install ffmpeg'],
  ['win32', '', /^winget install/],
] as const)('how to get it on %s %j', (platform, osRelease, hint) => {
  expect(installHint(platform, osRelease)).toMatch(hint);
});
