import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ManagerStatus } from '../../../src/daemon/service/manager-status.ts';
import { watchVitals } from '../../../src/daemon/service/vitals.ts';
import { DisposeStack } from '../../../src/domain/dispose-stack.ts';
import { Happenings } from '../../../src/domain/happenings.ts';
import { StreamBoard } from '../../../src/output/stream-board.ts';
import { Ledger } from '../../../src/pipeline/ledger.ts';
import { clock } from '../fakes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What a service manager is told, in order. */
function manager() {
  const told: string[] = [];
  const tell = (text: string) => Promise.resolve(void told.push(text));
  const notifier = {
    ready: (status = '') => tell(`ready: ${status}`),
    reloading: () => tell('reloading'),
    stopping: () => tell('stopping'),
    status: tell,
    watchdog: () => tell('alive'),
    watchdogSeconds: 20,
  };
  return { told, notifier };
}

it('the manager has a line of status every so often, and the end of each reload', async () => {
  const { told, notifier } = manager();
  const happenings = new Happenings();
  using status = new ManagerStatus(notifier, new StreamBoard(clock), happenings);
  const reloaded = { type: 'config_reloaded', result: 'applied' } as const;
  happenings.tell({ ...reloaded, needsRestart: ['http.port'] });
  await status.during(() => Promise.resolve());
  // One that is refused names none; those of before still wait.
  happenings.tell({ ...reloaded, result: 'rejected' });
  await status.during(() => Promise.reject(new Error('rtsp://user:secret@door/1 is none')));
  status.tellEvery(5);
  status.tellEvery(10);
  await vi.advanceTimersByTimeAsync(11_000);
  const text = '0/0 streams, 0 fps; needs a restart: http.port';
  expect(told).toEqual([
    'reloading',
    `ready: ${text}`,
    'reloading',
    'ready: configuration refused: rtsp://***@door/1 is none',
    text,
  ]);
});

it('a device that does not come back ends the service; the manager has a sign of life while it works', async () => {
  const { told, notifier } = manager();
  const happenings = new Happenings();
  const check = {
    heartbeats: 0,
    beat: () => {
      check.heartbeats++;
      return Promise.resolve();
    },
  };
  const log = { error: (text: string) => told.push(text) };
  const watched = { service: { check }, board: new StreamBoard(clock), ledger: new Ledger(happenings), log };
  await using stack = new DisposeStack();
  const parts = { ...watched, clock, notifier } as unknown as Parameters<typeof watchVitals>[0];
  const { hopeless, missingSigns } = watchVitals(parts, stack);
  await vi.advanceTimersByTimeAsync(45_000);
  expect([hopeless.aborted, missingSigns(), check.heartbeats, told]).toEqual([false, [], 4, Array(4).fill('alive')]);
  const gone = new Error('the device is gone');
  check.beat = () => Promise.reject(gone);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(hopeless.reason).toMatchObject({ cause: { message: 'the device does not work any more', cause: gone } });
  await vi.advanceTimersByTimeAsync(30_000);
  expect(told.at(-1)).toMatch(/no sign of life for the service manager: The device has done nothing for 40 s/);
});
