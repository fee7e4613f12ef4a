import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Stopped, stopBehind } from '../../src/domain/stop.ts';

describe('a stop', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['failure', 1],
    ['replaced', 1],
    ['closed', 1],
    ['paused', 1],
    ['shutdown', 1],
    ['timeout', 1],
  ] as const)('by %s gives exit code %i', (reason, code) => {
    expect(new Stopped(reason)).toMatchObject({ reason, exitCode: code });
  });

  it('says in one sentence what stopped it and what was kept', () => {
    expect(new Stopped('SIGINT').message).toBe('stopped by SIGINT');
    expect(new Stopped('SIGTERM', { kept: 'nothing is kept' }).message).toBe('stopped by SIGTERM: nothing is kept');
  });

  it('keeps what caused it', () => {
    const cause = new Error('the device is gone');
    expect(new Stopped('failure', { cause }).cause).toBe(cause);
  });
});

describe('stopBehind', () => {
  it('finds the stop behind the AbortError of a Node function', async () => {
    const stop = new AbortController();
    const sleeping = sleep(60_000, undefined, { signal: stop.signal }).catch((error: unknown) => error);
    stop.abort(new Stopped('SIGINT'));
    const error = await sleeping;
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(stopBehind(error)).toBe(stop.signal.reason);
  });

  it('takes no other error for a stop', () => {
    const error = new Error('broken', { cause: new Error('by another') });
    expect(stopBehind(error)).toBeUndefined();
    expect(stopBehind('a string')).toBeUndefined();
  });

  it('ends where causes go in a circle', () => {
    const error = new Error('broken');
    error.cause = error;
    expect(stopBehind(error)).toBeUndefined();
  });
});
