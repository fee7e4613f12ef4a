import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FitQueue } from '../../../src/daemon/adapters/fit-queue.ts';
import { LatencyGoal } from '../../../src/daemon/adapters/latency-goal.ts';
import { temporaryDirectory } from '../../support/videos.ts';

/** Fields of proc(5)'s stat after the name: state first, niceness at 16. */
const stat = (path: string) => readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
const within = { timeout: 120_000, interval: 20 };
const directory = temporaryDirectory();
const [ready, farewell] = [join(directory.path, 'ready'), join(directory.path, 'farewell')];
/** Runs until it hears of its end, and leaves a word then: what is killed does not. */
const endless = `
  const { writeFileSync } = require('node:fs');
  process.on('SIGTERM', () => { writeFileSync(${JSON.stringify(farewell)}, ''); process.exit(0); });
  setInterval(() => undefined, 1000);
  writeFileSync(${JSON.stringify(ready)}, '');`;
afterAll(() => directory.remove());

describe('FitQueue', () => {
  let queue: FitQueue;
  let tick: () => void;
  let calm: boolean;
  let time: number;
  let told: unknown[][];
  let scripts: Record<string, string>;
  let path: string;

  beforeEach(() => {
    [calm, time, told, scripts, path] = [true, 0, [], {}, process.execPath];
    for (const word of [ready, farewell]) rmSync(word, { force: true });
    queue = new FitQueue({
      command: (stream) => ({ path, args: ['-e', scripts[stream] ?? ''], env: process.env }),
      calm: () => calm,
      clock: { now: () => time },
      onStarted: (stream) => told.push(['started', stream]),
      onEnded: (stream, seconds, { outcome, reason }) => told.push(['ended', stream, seconds, outcome, reason]),
      every: (milliseconds, action) => {
        expect(milliseconds).toBe(1000);
        tick = action;
        return () => undefined;
      },
    });
  });
  afterEach(() => queue[Symbol.asyncDispose]());

  const count = (what: string) => told.filter(([first]) => first === what).length;
  /** The child of this process that runs now. */
  const childPid = () => {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('setInterval'));
  };

  test('one after the other in the order in which they were asked for, each once', async () => {
    for (const stream of ['door', 'yard', 'door']) queue.add(stream);
    tick();
    time = 3000;
    tick();
    await expect.poll(() => count('ended'), within).toBe(1);
    tick();
    await expect.poll(() => count('ended'), within).toBe(2);
    tick();
    expect(told).toEqual([
      ['started', 'door'],
      ['ended', 'door', 3, 'done', undefined],
      ['started', 'yard'],
      ['ended', 'yard', 0, 'done', undefined],
    ]);
  });

  test.skipIf(process.platform !== 'linux')('every thread of it has the lowest priority', async () => {
    scripts = { door: endless };
    queue.add('door');
    tick();
    await expect.poll(childPid, within).toBeDefined();
    const pid = childPid() ?? '';
    await expect.poll(() => readdirSync(`/proc/${pid}/task`).length, within).toBeGreaterThan(4);
    for (const thread of readdirSync(`/proc/${pid}/task`))
      expect(stat(`/proc/${pid}/task/${thread}/stat`)[16]).toBe('19');
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('800');
  });

  test('none is started while the streams are late, and one that runs stands still', async () => {
    scripts = { door: endless };
    calm = false;
    queue.add('door');
    tick();
    expect(told).toEqual([]);
    calm = true;
    tick();
    await expect.poll(childPid, within).toBeDefined();
    const pid = childPid() ?? '';
    const state = () => stat(`/proc/${pid}/stat`)[0];
    await expect.poll(() => existsSync(ready), within).toBe(true);
    calm = false;
    tick();
    await expect.poll(state, within).toBe('T');
    calm = true;
    tick();
    await expect.poll(state, within).toBe('S');
    calm = false;
    tick();
    await expect.poll(state, within).toBe('T');
    // Also one that stands still is ended.
    await queue[Symbol.asyncDispose]();
    expect(told.at(-1)).toEqual(['ended', 'door', 0, 'stopped', undefined]);
    expect(existsSync(farewell)).toBe(true);
    expect(childPid()).toBeUndefined();
  });

  test('one that is told to end is not stopped before it has heard', async () => {
    scripts = { door: endless };
    queue.add('door');
    tick();
    await expect.poll(() => existsSync(ready), within).toBe(true);
    const ended = queue[Symbol.asyncDispose]();
    calm = false;
    tick();
    await ended;
    expect(existsSync(farewell)).toBe(true);
  });

  test('says what a fit said that could not be made, and goes on', async () => {
    scripts = { door: 'console.error("there must be a camera"); process.exit(1)' };
    queue.add('door');
    tick();
    await expect.poll(() => count('ended'), within).toBe(1);
    expect(told.at(-1)).toEqual(['ended', 'door', 0, 'failed', 'there must be a camera']);
    path = '/nowhere/edge-cls';
    queue.add('yard');
    tick();
    await expect.poll(() => count('ended'), within).toBe(2);
    expect(told.at(-1)?.[4]).toContain('ENOENT');
  });

  test('ends the fit of a stream that is taken out, and goes on with the next', async () => {
    scripts = { door: endless };
    queue.add('door');
    queue.add('yard');
    tick();
    await expect.poll(childPid, within).toBeDefined();
    queue.remove('yard');
    expect(childPid()).toBeDefined();
    queue.add('yard');
    queue.remove('door');
    // While it ends it is not made to stand still.
    calm = false;
    tick();
    calm = true;
    await expect.poll(() => count('ended'), within).toBe(1);
    expect(told.at(-1)).toEqual(['ended', 'door', 0, 'stopped', undefined]);
    tick();
    await expect.poll(() => count('ended'), within).toBe(2);
    expect(told.at(-1)).toEqual(['ended', 'yard', 0, 'done', undefined]);
  });

  test('forgets a stream that was taken out', () => {
    queue.add('door');
    queue.remove('door');
    tick();
    expect(told).toEqual([]);
  });
});

describe('LatencyGoal', () => {
  test('is met while at most one frame in a hundred of the last ten seconds was late', () => {
    let now = 0;
    const goal = new LatencyGoal(() => 0.5, { now: () => now });
    expect(goal.met).toBe(true);
    goal.decided(0.6);
    for (let i = 0; i < 98; i++) goal.decided(0.4);
    expect(goal.met).toBe(false);
    goal.decided(0.5);
    expect(goal.met).toBe(true);
    now = 5000;
    goal.decided(2);
    expect(goal.met).toBe(false);
    now = 14_900;
    expect(goal.met).toBe(false);
    now = 15_000;
    expect(goal.met).toBe(true);
  });
});
