import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checksums } from '../../../scripts/release/checksums.ts';
import { debianVersion, isMaintainer } from '../../../scripts/release/debian.ts';
import { installedPackages } from '../../../scripts/release/installed-packages.ts';
import { oldestNode } from '../../../scripts/release/target.ts';
import { packageFacts } from '../../../src/domain/package-root.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-cls-release-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the oldest Node.js is that of package.json', () => {
  expect(packageFacts.engines.node).toBe(`>=${oldestNode}`);
});

test('what comes before a version for npm comes before it for Debian', () => {
  expect(debianVersion('1.2.0')).toBe('1.2.0');
  expect(debianVersion('1.2.0-rc.1')).toBe('1.2.0~rc.1');
});

test.each([
  ['Unpublished build of edge-cls <root@localhost>', true],
  ['A. B. Person <a.b@example.org>', true],
  ['A. B. Person', false],
  ['<a.b@example.org>', false],
  ['A, B <a.b@example.org>', false],
  ['A <a.b@example.org>\nDepends: other', false],
])('as the maintainer %j is taken: %s', (text, taken) => {
  expect(isMaintainer(text)).toBe(taken);
});

describe('installedPackages', () => {
  const install = (name: string, manifest: object) => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'package.json'), JSON.stringify(manifest));
  };

  test('takes what is needed, also in circles, and what is optional where it is there', async () => {
    install('engine', { dependencies: { '@scope/common': '1' }, optionalDependencies: { here: '1', elsewhere: '1' } });
    install('@scope/common', { dependencies: { engine: '1' } });
    install('here', {});
    install('unused', {});
    expect(await installedPackages(folder, ['engine'])).toEqual(['@scope/common', 'engine', 'here']);
  });

  test('fails where one that is needed is missing', async () => {
    install('engine', { dependencies: { gone: '1' } });
    await expect(installedPackages(folder, ['engine'])).rejects.toThrow('gone');
  });
});

test('the checksums are what sha256sum checks', async () => {
  writeFileSync(join(folder, 'b'), 'two');
  writeFileSync(join(folder, 'a'), 'one');
  await checksums(folder);
  const { status, stdout } = spawnSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' });
  expect([status, stdout]).toEqual([0, 'a: OK\nb: OK\n']);
});

const scripts = resolve(import.meta.dirname, '../../../scripts/release/debian');

test('no script of the Debian package enables or starts the service', () => {
  for (const script of readdirSync(scripts)) {
    expect(readFileSync(join(scripts, script), 'utf8')).not.toMatch(/systemctl[^\n]* (enable|start|restart|preset)\b/);
  }
});

test.skipIf(spawnSync('shellcheck', ['--version']).error !== undefined)(
  'its scripts have no fault that shellcheck knows of (skipped where it is absent)',
  () => {
    const paths = readdirSync(scripts).map((script) => join(scripts, script));
    expect(spawnSync('shellcheck', paths, { encoding: 'utf8' }).stdout).toBe('');
  },
);
