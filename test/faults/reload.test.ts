import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
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

/** What Node loads before it runs the first line of a file: its imports by name, and theirs, bytes. */
function loadedFirst(file: string, seen = new Set<string>()): number {
  if (seen.has(file)) return 0;
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'"();]*["'](\.[^"']+)["'];?$/gm);
  return [...imports].reduce(
    (bytes, [, name = '']) => bytes + loadedFirst(resolve(dirname(file), name), seen),
    statSync(file).size,
  );
}

test('a reload that is asked for as soon as the service starts is made when it is ready', async () => {
  service = await Program.service({ streams: [] });
  // Before that Node itself has begun, and a signal ends it.
  await expect.poll(listens, { ...within, interval: 1 }).toBe(true);
  expect(service.output).toBe('');
  for (let i = 0; i < 20; i++) {
    service.signal('SIGHUP');
    await pause(i);
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

test('nothing of the program is loaded before it hears the signal', () => {
  expect(loadedFirst(resolve(import.meta.dirname, '../../dist/main.js'))).toBeLessThan(10_000);
});
