import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceNodeFindings } from '../../../src/commands/doctor/device-nodes.ts';
import { directoryFinding } from '../../../src/commands/doctor/directories.ts';
import { finding } from '../../../src/commands/doctor/finding.ts';
import { serviceFinding } from '../../../src/commands/doctor/service.ts';
import { clockFinding, memoryFinding, nodeFinding } from '../../../src/commands/doctor/system.ts';
import { UserError } from '../../../src/domain/errors.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'edge-cls-doctor-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Root may open everything, so what is refused to others cannot be seen by it. */
const asRoot = process.getuid?.() === 0;
const ifRefused = asRoot ? it.skip : it;
const note = asRoot ? ' (skipped: root may do everything)' : '';

describe('finding', () => {
  it('should turn a user error into a failed check, and let faults through', async () => {
    const failing = finding('ffmpeg', () => Promise.reject(new UserError('get it with: apt install ffmpeg')));
    expect(await failing).toEqual({ check: 'ffmpeg', verdict: 'failed', says: 'get it with: apt install ffmpeg' });
    await expect(finding('ffmpeg', () => Promise.reject(new TypeError('x')))).rejects.toThrow(TypeError);
  });
});

describe('node', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['20.20.2', 'ok'],
    ['22.1.0', 'ok'],
    ['20.9.5', 'failed'],
    ['18.20.0', 'failed'],
  ])('should judge %s: %s', (version, verdict) => {
    expect(nodeFinding(version, '>=20.19', 4).verdict).toBe(verdict);
  });
});

describe('memory', () => {
  it('should note where a fit would not fit', () => {
    expect(memoryFinding(4 * 2 ** 30)).toMatchObject({ verdict: 'ok', says: '4096 MiB of memory are available' });
    expect(memoryFinding(2 ** 29).verdict).toBe('note');
  });
});

describe('clock', () => {
  const installed = new Date('2026-03-01T12:00:00Z');
  it.each([
    ['1970-01-01T00:00:10Z', 'failed'],
    ['2026-02-27T00:00:00Z', 'failed'],
    ['2026-03-01T00:00:00Z', 'ok'],
    ['2031-01-01T00:00:00Z', 'ok'],
  ])('should judge %s: %s', (now, verdict) => {
    expect(clockFinding(new Date(now), installed).verdict).toBe(verdict);
  });
});

describe('directory', () => {
  const needs = (path: string, needed = 0, wanted = 0) =>
    directoryFinding({ check: 'state', path, needed, wanted, for: 'fits' });

  it('should judge one that is not there by where it would be made', async () => {
    const path = join(root, 'a', 'b');
    expect(await needs(path)).toMatchObject({
      verdict: 'ok',
      says: expect.stringContaining(`${path} (to be made in ${root}) is writable`) as string,
    });
  });

  it('should tell tight from too little', async () => {
    expect((await needs(root, 0, 2 ** 62)).verdict).toBe('note');
    const failed = await needs(root, 2 ** 62, 2 ** 62);
    expect(failed.verdict).toBe('failed');
    expect(failed.says).toMatch(/fits may take [\d,]+ MiB: make room$/);
  });

  ifRefused(`should see that it may not be written${note}`, async () => {
    chmodSync(root, 0o500);
    expect(await needs(join(root, 'state'))).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('must be writable') as string,
    });
  });
});

describe('device nodes', () => {
  it('should find GPUs and cameras, and nothing where there is nothing', async () => {
    expect(await deviceNodeFindings(root)).toEqual([]);
    mkdirSync(join(root, 'dri'));
    for (const name of ['dri/card0', 'dri/renderD128', 'nvidia0', 'nvidia-caps', 'video0', 'videodev']) {
      writeFileSync(join(root, name), '');
    }
    expect(await deviceNodeFindings(root)).toEqual([
      { check: 'gpu nodes', verdict: 'ok', says: `${root}/dri/renderD128 can be opened` },
      { check: 'gpu nodes', verdict: 'ok', says: `${root}/nvidia0 can be opened` },
      { check: 'camera nodes', verdict: 'ok', says: `${root}/video0 can be opened` },
    ]);
  });

  ifRefused(`should name the group that opens them${note}`, async () => {
    mkdirSync(join(root, 'dri'));
    writeFileSync(join(root, 'dri/renderD128'), '', { mode: 0 });
    const [found] = await deviceNodeFindings(root);
    expect(found?.verdict).toBe('note');
    expect(found?.says).toContain('usermod --append --groups render');
  });
});

describe('service', () => {
  const install = (groups: string) => {
    mkdirSync(join(root, 'etc/systemd/system'), { recursive: true });
    writeFileSync(join(root, 'etc/systemd/system/edge-cls.service'), '[Service]\nSupplementaryGroups=video render\n');
    writeFileSync(join(root, 'etc/group'), groups);
  };

  it('should say nothing where it is not installed', async () => {
    expect(await serviceFinding(root)).toBeUndefined();
  });

  it('should look for the groups that the unit names', async () => {
    install('root:x:0:\nvideo:x:44:\nrender:x:104:\n');
    expect((await serviceFinding(root))?.verdict).toBe('ok');
    install('root:x:0:\nvideo:x:44:\n');
    expect(await serviceFinding(root)).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('needs the group render, which') as string,
    });
  });

  it('should look at the unit of the Debian package, where there is no other', async () => {
    mkdirSync(join(root, 'usr/lib/systemd/system'), { recursive: true });
    mkdirSync(join(root, 'etc'));
    writeFileSync(join(root, 'usr/lib/systemd/system/edge-cls.service'), '[Service]\nSupplementaryGroups=render\n');
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
    expect((await serviceFinding(root))?.says).toMatch(/render.*sudo systemd-sysusers edge-cls\.conf$/);
    install('root:x:0:\n');
    expect((await serviceFinding(root))?.says).toMatch(/sudo edge-cls install$/);
  });
});
