import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/commands/doctor/finding.ts';

// What `npm test` has just compiled: the program as it is installed.
const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-cls doctor '));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function doctor(config: string, env: Record<string, string> = {}) {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, config);
  const options = { reject: false, timeout: 200_000, env } as const;
  const { stdout, stderr, exitCode } = await execa('node', [main, 'doctor', '--json', '--config', path], options);
  const { findings } = JSON.parse(stdout) as { findings: Finding[] };
  return { exitCode, stderr, of: (check: string) => findings.filter((found) => found.check === check) };
}

describe('edge-cls doctor', () => {
  it('should find nothing missing on the box that runs the tests', async () => {
    const { exitCode, of } = await doctor(`device: cpu\nstate_directory: ${JSON.stringify(join(folder, 'state'))}\n`);
    expect(exitCode).toBe(0);
    expect(of('ffmpeg')[0]?.says).toMatch(/^\d+\.\d+ at /);
    expect(of('bundle').map(({ verdict }) => verdict)).toEqual(['ok', 'ok']);
    expect(of('state')[0]?.says).toContain(join(folder, 'state'));
  });

  it('should go on where something is missing, say what, and end with 1', async () => {
    const config = 'device: cuda\nstreams:\n  - {name: door, source: door.mp4, bundle: nowhere}\n';
    const { exitCode, stderr, of } = await doctor(config, { EDGE_CLS_FFMPEG: process.execPath });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('checks failed');
    expect(of('ffmpeg')[0]).toMatchObject({ verdict: 'failed' });
    expect(of('bundle').find(({ verdict }) => verdict === 'failed')?.says).toContain('there is no bundle "nowhere"');
  });

  it('should show no password of a source', async () => {
    const { exitCode, of } = await doctor('streams:\n  - {name: door, source: "rtsp://me:hunter2@camera", typo: 1}\n');
    expect(exitCode).toBe(1);
    expect(of('configuration')[0]).toMatchObject({
      verdict: 'failed',
      says: expect.stringContaining('typo') as string,
    });
    expect(JSON.stringify(of('configuration'))).not.toContain('hunter2');
  });
});
