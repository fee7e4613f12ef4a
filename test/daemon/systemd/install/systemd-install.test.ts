import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { install } from '../../../../src/daemon/systemd/install/install.ts';
import { ConfigurationError, UserError } from '../../../../src/domain/errors.ts';

const packageDirectory = resolve(import.meta.dirname, '../../../..');
const sysusers = spawnSync('systemd-sysusers', ['--version']).error === undefined;
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'edge-cls-install-'));
  // systemd-sysusers wants the files that it adds to.
  await mkdir(join(root, 'etc'));
});
afterEach(() => rm(root, { recursive: true }));

async function run(more: Partial<Parameters<typeof install>[0]> = {}): Promise<string[]> {
  const lines: string[] = [];
  const node = '/usr/bin/node';
  await install({ root, dryRun: false, print: (line) => lines.push(line), packageDirectory, node, ...more });
  return lines;
}
const outcomes = (lines: string[]) => lines.slice(0, -1).map((line) => line.split(' ')[0]);
const mode = async (path: string) => ((await stat(join(root, path))).mode & 0o7777).toString(8);

// The service's sandbox hides these, and installing from there is refused.
const hidden = ['/tmp/', '/var/tmp/', '/home/', '/root/'].some((prefix) => packageDirectory.startsWith(prefix));
const reason = sysusers
  ? hidden
    ? ' (this checkout lies where a service cannot see it)'
    : ''
  : ' (systemd-sysusers is absent)';

describe.skipIf(reason !== '')(`install${reason}`, () => {
  it('installs wrapper, units, groups, directories and configuration', async () => {
    await run();
    expect(await mode('/usr/local/bin/edge-cls')).toBe('755');
    expect(await mode('/etc/edge-cls/credentials')).toBe('700');
    expect(await mode('/etc/systemd/system/edge-cls.service')).toBe('644');
    expect((await readdir(join(root, 'etc/systemd/system'))).sort()).toEqual([
      'edge-cls-adapt@.service',
      'edge-cls-adapt@.timer',
      'edge-cls.service',
    ]);
    expect(await readFile(join(root, 'etc/group'), 'utf8')).toMatch(/^render:x:\d+:$/m);
    expect(await readFile(join(root, 'etc/edge-cls/config.yaml'), 'utf8')).toContain('streams:');
  });

  it('changes nothing the second time, and keeps the configuration of the user', async () => {
    expect(outcomes(await run())).toContain('done');
    await writeFile(join(root, 'etc/edge-cls/config.yaml'), 'streams: [] # mine\n');
    const before = await stat(join(root, 'etc/systemd/system/edge-cls.service'));
    const files = outcomes(await run()).slice(0, 9);
    expect(files).toEqual([...Array<string>(8).fill('unchanged'), 'kept']);
    expect(await readFile(join(root, 'etc/edge-cls/config.yaml'), 'utf8')).toBe('streams: [] # mine\n');
    const after = await stat(join(root, 'etc/systemd/system/edge-cls.service'));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  it('mends what was changed: a unit by hand, a mode', async () => {
    await run();
    await writeFile(join(root, 'etc/systemd/system/edge-cls.service'), '[Service]\n');
    await chmod(join(root, 'etc/edge-cls/credentials'), 0o755);
    await run();
    expect(await readFile(join(root, 'etc/systemd/system/edge-cls.service'), 'utf8')).toContain('WatchdogSec=30');
    expect(await mode('/etc/edge-cls/credentials')).toBe('700');
  });

  it('says what it would do, and does nothing, in a dry run', async () => {
    const lines = await run({ dryRun: true });
    expect(lines.join('\n')).toContain('file      /etc/systemd/system/edge-cls.service (mode 0644)');
    expect(lines.join('\n')).toContain('command   systemctl daemon-reload (lets systemd read the units)');
    expect(await readdir(root)).toEqual(['etc']);
    expect(await readdir(join(root, 'etc'))).toEqual([]);
  });

  it.each(['/root/.nvm/node', '/home/me/bin/node', '/tmp/node'])('refuses a Node.js at %s', async (node) => {
    await expect(run({ node })).rejects.toThrow(ConfigurationError);
    expect(await readdir(join(root, 'etc'))).toEqual([]);
  });

  it('names the step at which it stopped', async () => {
    await mkdir(join(root, 'usr/local'), { recursive: true });
    await writeFile(join(root, 'usr/local/bin'), 'not a directory');
    await expect(run()).rejects.toThrow(UserError);
    await expect(run()).rejects.toThrow('The installation stopped at /usr/local/bin/edge-cls');
  });

  it('starts the program with its arguments as they are, in the same process', async () => {
    const entry = join(root, "it's/dist/main.js");
    await mkdir(dirname(entry), { recursive: true });
    for (const folder of ['config', 'systemd']) {
      spawnSync('cp', ['-r', join(packageDirectory, folder), join(root, "it's")]);
    }
    await writeFile(entry, 'console.log(JSON.stringify([process.pid, ...process.argv.slice(2)]))');
    const { wrapper } = await import('../../../../src/daemon/systemd/install/wrapper.ts');
    const path = join(root, 'edge-cls');
    await writeFile(path, wrapper(process.execPath, entry), { mode: 0o755 });
    const child = spawnSync(path, ['run', 'a b', '$HOME', "it's"], { encoding: 'utf8' });
    expect(JSON.parse(child.stdout)).toEqual([child.pid, 'run', 'a b', '$HOME', "it's"]);
  });
});

it('has nothing to do where the Debian package has installed the service', async () => {
  await expect(run({ packageDirectory: '/usr/lib/edge-cls' })).rejects.toThrow(
    /^There is nothing to install: the Debian/,
  );
  await expect(run({ packageDirectory: '/usr/lib/edge-cls' })).rejects.toThrow(UserError);
});
