/** `run` on sources of the test: what is read at the same time, what one failure does to the others. */
import { describe, expect, it, vi } from 'vitest';
import { resolveConfig } from '../../src/config/load.ts';
import { run } from '../../src/daemon/run.ts';
import { ConfigurationError } from '../../src/domain/errors.ts';
import { SourceError } from '../../src/video/source/source-error.ts';
import { info, clock, fakeCommons, FakeEngine, FakeSources } from './fakes.ts';

const file = 'samples/demo.mp4';
const camera = 'rtsp://camera/1';

function begun(sourceOf: Record<string, string>, { filesAtOnce = 2, realtime = false } = {}) {
  const streams = Object.entries(sourceOf).map(([name, source]) => ({ name, source, realtime }));
  const bundle = 'inception-v3-cats-dogs';
  const config = resolveConfig({ overrides: { stream_defaults: { bundle }, streams } });
  const sources = new FakeSources();
  const { commons, heard, states } = fakeCommons(sources);
  const { ledger, happenings } = commons;
  const engine = new FakeEngine([4]);
  const stopping = new AbortController();
  const { signal } = stopping;
  const outcome = run({ config, engine, sources, clock, ledger, happenings, signal, filesAtOnce });
  // Whoever waits for it hears of its failure.
  outcome.catch(() => undefined);
  const opened = () => sources.opened.map(({ plan }) => plan.name);
  const until = (names: readonly string[]) => vi.waitFor(() => expect(opened()).toEqual(names));
  return { sources, engine, stopping, outcome, opened, until, heard, states };
}

describe('run', () => {
  it('reads files a few at a time, and cameras all at once', async () => {
    const { sources, outcome, until, stopping } = begun({
      a: file,
      b: file,
      c: file,
      north: camera,
      south: camera,
    });
    await until(['a', 'b', 'north', 'south']);
    sources.opened[1]?.end();
    await until(['a', 'b', 'north', 'south', 'c']);
    stopping.abort();
    const { summary, failures } = await outcome;
    expect(summary.streams.map(({ stream }) => stream)).toEqual(['a', 'b', 'c', 'north', 'south']);
    expect(failures).toEqual([]);
  });

  it('takes files that are read as a camera would for cameras', async () => {
    const { until, outcome, stopping } = begun({ a: file, b: file, c: file }, { realtime: true });
    await until(['a', 'b', 'c']);
    stopping.abort();
    await outcome;
  });

  it('looks at a file when its turn comes: the first result does not wait for the last file', async () => {
    const { sources, until, outcome, stopping } = begun({ a: file, b: file, c: file, d: file }, { filesAtOnce: 2 });
    await until(['a', 'b']);
    expect(sources.looked).toHaveLength(2);
    sources.opened[1]?.end();
    await until(['a', 'b', 'c']);
    expect(sources.looked).toHaveLength(3);
    stopping.abort();
    const { summary } = await outcome;
    // What was never looked at is no row.
    expect(summary.streams.map(({ stream }) => stream)).toEqual(['a', 'b', 'c']);
    expect(sources.looked).toHaveLength(3);
  });

  it('keeps the order of the configuration, whichever source answers first', async () => {
    const waiting: (() => void)[] = [];
    const { sources, until, outcome, stopping } = begun({ a: file, b: file, c: file, d: file }, { filesAtOnce: 3 });
    vi.spyOn(sources, 'look').mockImplementation(() => new Promise((resolve) => waiting.unshift(() => resolve(info))));
    await vi.waitFor(() => expect(waiting).toHaveLength(3));
    for (const answer of waiting) answer();
    await until(['c', 'b', 'a']);
    stopping.abort();
    const { firstPlan, summary } = await outcome;
    expect(firstPlan?.name).toBe('a');
    expect(summary.streams.map(({ stream }) => stream)).toEqual(['a', 'b', 'c']);
  });

  it('fails as its source does where that is the only one, or none can be used', async () => {
    const error = new SourceError('nothing listens', 'refused');
    for (const sourceOf of [{ north: camera }, { a: file, north: camera }] as Record<string, string>[]) {
      const { outcome, sources, opened } = begun(sourceOf);
      sources.found = error;
      await expect(outcome).rejects.toBe(error);
      expect(opened()).toEqual([]);
    }
  });

  it('reads the others where one is not there at all', async () => {
    const { outcome, until, stopping } = begun({ a: 'nowhere.mp4', b: file });
    await until(['b']);
    stopping.abort();
    expect((await outcome).failures.map(String)).toEqual([expect.stringMatching(/nowhere\.mp4 was not found/)]);
    await expect(begun({ a: 'nowhere.mp4' }).outcome).rejects.toThrow('nowhere.mp4 was not found');
  });

  it('reads the other files where one cannot be read', async () => {
    const { sources, outcome, until, stopping, states } = begun({ a: file, b: file, c: file });
    const error = new SourceError('b.mp4 is cut off', 'codec');
    vi.spyOn(sources, 'look').mockResolvedValueOnce(info).mockRejectedValueOnce(error);
    await until(['a', 'c']);
    stopping.abort();
    const { failures, summary } = await outcome;
    expect(failures).toEqual([error]);
    expect(states('b')).toEqual(['failed']);
    expect(summary.streams.map(({ stream }) => stream)).toEqual(['a', 'b', 'c']);
  });

  it('stopped while it looks: that is no failure of the source', async () => {
    const { sources, outcome, stopping, states } = begun({ a: file });
    vi.spyOn(sources, 'look').mockImplementation(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error));
          queueMicrotask(() => stopping.abort(new Error('enough')));
        }),
    );
    await expect(outcome).rejects.toThrow('enough');
    expect(states('a')).toEqual([]);
  });

  it('goes on with the others when one fails, and names it at the end', async () => {
    const { sources, outcome, until, heard, states, engine } = begun({ a: file, north: camera });
    await until(['a', 'north']);
    const [a, north] = sources.opened;
    const error = new SourceError('it broke off', 'eof');
    north?.fail(error);
    north?.reap();
    for (let i = 0; i < 3; i++) a?.give();
    a?.end();
    const { summary, failures } = await outcome;
    expect(failures).toEqual([error]);
    expect(states('north')).toEqual(['live', 'failed']);
    expect(heard('stream_state').at(-1)?.reason).toBe('it broke off');
    expect(heard('fault')).toEqual([]);
    expect(summary.streams[0]?.frames).toEqual({ received: 3, classified: 3, dropped: {}, inFlight: 0 });
    expect(summary.stages.map(({ stage, duration }) => [stage, duration.count])).toEqual([
      ['front end', 3],
      ['classifier (batch)', expect.any(Number)],
    ]);
    expect(engine.released.sort()).toEqual(engine.loaded.sort());
  });

  it('waits for the child of one that failed', async () => {
    const { sources, outcome, until } = begun({ north: camera });
    await until(['north']);
    let over = false;
    void outcome.then(() => (over = true));
    sources.last.fail(new SourceError('it broke off', 'eof'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(over).toBe(false);
    sources.last.reap();
    await outcome;
  });

  it('tells a fault of the program as one', async () => {
    const { sources, outcome, until, heard } = begun({ a: file });
    await until(['a']);
    const error = new TypeError('x is not a function');
    sources.last.fail(error);
    sources.last.reap();
    expect((await outcome).failures).toEqual([error]);
    expect(heard('fault')).toEqual([{ type: 'fault', stream: 'a', error }]);
  });

  it('ends with its children, and releases what it loaded', async () => {
    const { sources, outcome, until, stopping, engine } = begun({ north: camera });
    await until(['north']);
    vi.spyOn(sources.last, 'reap').mockImplementation(() => undefined);
    let over = false;
    void outcome.then(() => (over = true));
    stopping.abort();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([over, engine.released]).toEqual([false, []]);
    vi.restoreAllMocks();
    sources.last.reap();
    await outcome;
    expect(engine.released.sort()).toEqual(engine.loaded.sort());
  });

  it('refuses what no source is needed to refuse', async () => {
    const config = resolveConfig({
      overrides: { streams: [{ name: 'a', source: file, labels: ['no such label'] }] },
    });
    const { commons } = fakeCommons();
    const parts = { ...commons, config, engine: new FakeEngine([4]), signal: new AbortController().signal };
    await expect(run(parts)).rejects.toThrow(ConfigurationError);
  });
});
