import { describe, expect, it } from 'vitest';
import { eventLoopDelays, EventLoopLag } from '../../../src/daemon/service/event-loop-lag.ts';
import { createLiveness } from '../../../src/daemon/service/liveness.ts';
import { startWatchdog } from '../../../src/daemon/systemd/watchdog.ts';

/** A daemon of which each sign is set by hand, under a clock that is moved by hand. */
function daemon() {
  const at = { seconds: 0, lag: 0, beats: 0, live: 1, decided: 0 };
  const check = createLiveness(
    {
      eventLoopLagSeconds: () => at.lag,
      deviceHeartbeats: () => at.beats,
      streamsExpectedLive: () => at.live,
      framesDecided: () => at.decided,
    },
    { now: () => at.seconds * 1000, date: () => new Date(0) },
    { eventLoopLagSeconds: 1, deviceSilenceSeconds: 30, decisionSilenceSeconds: 60 },
  );
  /** Time passes in steps of 5 s; the named counts move on in each. */
  const pass = (seconds: number, ...moving: ('beats' | 'decided')[]) => {
    for (let i = 0; i < seconds; i += 5) {
      at.seconds += 5;
      for (const count of moving) at[count]++;
      check();
    }
  };
  return { at, check, pass };
}

describe('createLiveness', () => {
  it('is alive while the loop turns, the device beats and frames are decided', () => {
    const { check, pass } = daemon();
    pass(600, 'beats', 'decided');
    expect(check()).toEqual([]);
  });

  it('misses the device after its limit, and forgives when it is back', () => {
    const { at, check, pass } = daemon();
    pass(30, 'decided');
    expect(check()).toEqual([]);
    pass(5, 'decided');
    expect(check()).toEqual(['The device has done nothing for 35 s, at most 30 s is allowed']);
    at.beats++;
    expect(check()).toEqual([]);
  });

  it('misses decisions while a stream is live, and not while none is', () => {
    const { at, check, pass } = daemon();
    pass(65, 'beats');
    expect(check()).toEqual(['No frame was decided for 65 s although 1 streams are live']);
    at.live = 0;
    expect(check()).toEqual([]);
    pass(600, 'beats');
    at.live = 2;
    pass(60, 'beats');
    expect(check()).toEqual([]);
    pass(5, 'beats');
    expect(check()).toEqual(['No frame was decided for 65 s although 2 streams are live']);
  });

  it('misses an event loop that is late', () => {
    const { at, check } = daemon();
    at.lag = 1.5;
    expect(check()).toEqual(['The event loop is 1.5 s late, which must be at most 1 s']);
  });
});

describe('startWatchdog', () => {
  function run(seconds: number | undefined) {
    const seen: string[] = [];
    let reasons: string[] = [];
    let tick: () => void = () => seen.push('no timer');
    const watchdog = startWatchdog({
      seconds,
      check: () => reasons,
      ping: () => Promise.resolve(void seen.push('ping')),
      onWithheld: (why) => seen.push(`withheld: ${why.join()}`),
      every: (milliseconds, action) => {
        seen.push(`every ${milliseconds}`);
        tick = action;
        return () => seen.push('stopped');
      },
    });
    return { seen, watchdog, tick: () => tick(), fail: (...why: string[]) => (reasons = why) };
  }

  it('pings at half the period, only while nothing is missing', () => {
    const { seen, watchdog, tick, fail } = run(30);
    tick();
    fail('stuck');
    tick();
    fail();
    tick();
    watchdog[Symbol.dispose]();
    expect(seen).toEqual(['every 15000', 'ping', 'withheld: stuck', 'ping', 'stopped']);
  });

  it('does nothing when the manager wants no signs', () => {
    const { seen, watchdog } = run(undefined);
    watchdog[Symbol.dispose]();
    expect(seen).toEqual([]);
  });
});

describe('EventLoopLag', () => {
  it('sees a blocked loop', async () => {
    using delays = eventLoopDelays();
    using lag = new EventLoopLag(delays);
    const turn = () => new Promise((resolve) => setTimeout(resolve, 30));
    await turn();
    const end = performance.now() + 300;
    while (performance.now() < end);
    await turn();
    expect(lag.read()).toBeGreaterThan(0.03);
  });

  it('is of the last ten seconds, and the same for all who read it', () => {
    const delays = { count: 0, mean: 0 };
    let tick: () => void = () => undefined;
    using lag = new EventLoopLag(delays, (milliseconds, work) => {
      expect(milliseconds).toBe(1000);
      tick = work;
      return () => undefined;
    });
    expect(lag.read()).toBe(0);
    // A hundred samples, each half a second beyond the ten milliseconds between two.
    Object.assign(delays, { count: 100, mean: 0.51e9 });
    expect([lag.read(), lag.read()]).toEqual([0.5, 0.5]);
    for (let second = 0; second < 9; second++) tick();
    expect(lag.read()).toBe(0.5);
    tick();
    expect(lag.read()).toBe(0);
    Object.assign(delays, { count: 200, mean: (0.51e9 + 0.01e9) / 2 });
    expect(lag.read()).toBe(0);
  });
});
