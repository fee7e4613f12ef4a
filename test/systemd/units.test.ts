import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const systemd = resolve(import.meta.dirname, '../../systemd');
const absent = spawnSync('systemd-analyze', ['--version']).error !== undefined;
const note = absent ? ' (systemd-analyze is absent)' : '';
const services = ['edge-cls.service', 'edge-cls-adapt@.service'];
const read = (unit: string) => readFileSync(join(systemd, unit), 'utf8');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-cls-units-'));
  // The program is not installed here; everything else is verified as it ships.
  for (const unit of [...services, 'edge-cls-adapt@.timer']) {
    writeFileSync(join(folder, unit), read(unit).replaceAll('/usr/local/bin/edge-cls', '/bin/true'));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function analyze(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { cwd: folder, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe.skipIf(absent)(`units${note}`, () => {
  it.each([...services, 'edge-cls-adapt@.timer'])('%s verifies without a word', (unit) => {
    expect(analyze('verify', '--man=no', `./${unit}`)).toEqual({ status: 0, output: '' });
  });

  it.each(services)('%s exposes no more than 2.0 of 10', (unit) => {
    const { status, output } = analyze('security', '--offline=true', '--threshold=20', `./${unit}`);
    expect(output).toContain('Overall exposure level');
    expect(status).toBe(0);
  });
});

describe('edge-cls.service', () => {
  const settings = (unit: string, key: string) =>
    [...read(unit).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value);

  it('is not restarted for a wrong configuration or command line', () => {
    expect(settings('edge-cls.service', 'RestartPreventExitStatus')).toEqual(['2 78']);
  });

  it('brings every group that it names', () => {
    const made = [...read('sysusers.d/edge-cls.conf').matchAll(/^g (\S+)/gm)].map(([, group]) => group);
    for (const unit of services)
      expect(made).toEqual(expect.arrayContaining(settings(unit, 'SupplementaryGroups')[0]!.split(' ')));
  });

  it('has the sandbox of the fitting job', () => {
    const sandbox = (unit: string) => read(unit).split('\n\nUMask=')[1]?.split('\n\n[Install]')[0]?.trim();
    expect(sandbox('edge-cls.service')).toContain('IPAddressDeny=any');
    expect(sandbox('edge-cls-adapt@.service')).toBe(sandbox('edge-cls.service'));
  });
});
