import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Program } from '../rig/program.ts';

const within = { timeout: 90_000, interval: 20 };
let service: Program;
afterEach(() => service[Symbol.asyncDispose]());
beforeEach(({ onTestFailed }) => onTestFailed(() => console.error(service.output.slice(-4000))));

const reloads = () => service.output.split('configuration read again').length - 1;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Whether the process has a handler for SIGHUP, whose bit is the first. */
function listens(): boolean {
  const [, mask = '0'] = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${service.pid}/status`, 'utf8')) ?? [];
  return (BigInt(`0x${mask}`) & 1n) === 1n;
}

test('a reload that is asked for while the service starts is made when it is ready', async () => {
  service = await Program.service({ streams: [] });
  await expect.poll(listens, { ...within, interval: 1 }).toBe(true);
  expect(service.output).toBe('');
  for (let i = 0; i < 3; i++) {
    service.signal('SIGHUP');
    await pause(50);
  }
  await service.untilReady();
  await expect.poll(reloads, within).toBe(1);
  expect((await service.stop()).code).toBe(0);
});

test('a thousand reloads at once are few, and each names what needs a restart', async () => {
  service = await Program.service({ streams: [] });
  await service.untilReady();
  service.configure({ streams: [], log: { level: 'info' }, batch: { size: 2 } });
  for (let i = 0; i < 1000; i++) {
    service.signal('SIGHUP');
    await pause(1);
  }
  await expect.poll(() => service.output, within).toContain('needs a restart: batch.size');
  const answer = await fetch(`${service.address}/api/v1/reload`, { method: 'POST' });
  expect(await answer.json()).toMatchObject({ taken: [], needsRestart: ['batch.size'] });
  // Who waits is served by the same one; none is left to do.
  await pause(500);
  const made = reloads();
  expect(made).toBeLessThan(500);
  await pause(500);
  expect(reloads()).toBe(made);
});
