import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const packageDirectory = resolve(import.meta.dirname, '../..');
const main = join(packageDirectory, 'dist/main.js');
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'edge-cls install '));
  mkdirSync(join(root, 'etc'));
});
afterEach(() => rmSync(root, { recursive: true }));

const install = (...args: string[]) => execa('node', [main, 'install', '--root', root, ...args], { reject: false });
// The service's sandbox hides these, and installing from there is refused.
const hidden = /^\/(?:tmp|var\/tmp|home|root)\//;
const absent = (await execa('systemd-sysusers', ['--version'], { reject: false })).failed;
const note = hidden.test(packageDirectory)
  ? ' (this checkout lies where a service cannot see it)'
  : hidden.test(process.execPath)
    ? ' (this Node.js lies where a service cannot see it)'
    : absent
      ? ' (systemd-sysusers is absent)'
      : '';

describe.skipIf(note !== '')(`edge-cls install${note}`, () => {
  test('a dry run prints every step and changes nothing', async () => {
    const { stdout, exitCode } = await install('--dry-run');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^file +\/etc\/systemd\/system\/edge-cls\.service \(mode 0644\)$/m);
    expect(stdout).toMatch(/^directory \/etc\/edge-cls\/credentials \(mode 0700\)$/m);
    expect(readdirSync(join(root, 'etc'))).toEqual([]);
  });

  test('installs this program, and the second time nothing', async () => {
    expect((await install()).exitCode).toBe(0);
    const wrapper = join(root, 'usr/local/bin/edge-cls');
    expect(readFileSync(wrapper, 'utf8')).toContain(main);
    expect(statSync(wrapper).mode & 0o111).toBe(0o111);
    const { stdout, exitCode } = await install();
    expect(exitCode).toBe(0);
    expect(stdout).not.toMatch(/^done +(file|directory)/m);
  });
});

test('a Node.js that the service could not see is refused: exit code 78', async () => {
  const { stderr, exitCode } = await install('--node', join(root, 'etc'));
  expect(stderr).toMatch(/^edge-cls: Node\.js must be where the service can see it/);
  expect(exitCode).toBe(78);
});

test('a Node.js that is not there is refused: exit code 2', async () => {
  const { stderr, exitCode } = await install('--node', '/usr/bin/no-such-node');
  expect(stderr).toMatch(/nothing is at \/usr\/bin\/no-such-node/);
  expect(exitCode).toBe(2);
});
