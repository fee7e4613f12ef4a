/** A service of streams whose sources and engine are the test's: what comes, goes, ends, and what is released. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { resolveConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import type { Trials } from '../../../src/daemon/adapters/adapter-watch.ts';
import { serviceControl } from '../../../src/daemon/service/service-control.ts';
import { Service } from '../../../src/daemon/service/service.ts';
import { ConfigurationError } from '../../../src/domain/errors.ts';
import { AdapterStore } from '../../../src/model/adapter-store.ts';
import { modelDigest } from '../../../src/model/bundle.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { StreamBoard } from '../../../src/output/stream-board.ts';
import { smallCard, smallClassifier } from '../../learning/small-classifier.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { clock, fakeCommons, FakeEngine, FakeSources } from '../fakes.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** A bundle whose golden test the engine passes. */
const labels = ['cat', 'dog'];
const logits = [4, -4];
const small = join(directory.path, 'small');
mkdirSync(small);
const model = encodeModel(smallClassifier(labels.length));
const card = smallCard(labels, 'softmax');
writeFileSync(join(small, 'model.onnx'), model);
writeFileSync(
  join(small, 'card.json'),
  JSON.stringify({
    ...card,
    model: { ...card.model, digest: modelDigest(model) },
    golden: [{ input: 0.5, logits }],
    goldenTolerance: 0.01,
  }),
);

type StreamChange = Partial<Config['streams'][number]>;

function configOf(streams: Record<string, StreamChange>): Config {
  return resolveConfig({
    overrides: {
      models_directory: directory.path,
      stream_defaults: { bundle: 'small' },
      streams: Object.entries(streams).map(([name, change]) => ({ name, source: `rtsp://${name}/1`, ...change })),
    },
  });
}

let state = 0;
function begun(config: Config, engine = new FakeEngine(logits)) {
  const sources = new FakeSources();
  const { commons, heard, states } = fakeCommons(sources);
  const { happenings, ledger } = commons;
  const board = new StreamBoard(clock);
  happenings.subscribe(board.subscriber);
  const fits = { add: vi.fn(), remove: vi.fn() };
  const service = new Service({
    config,
    engine,
    sources,
    clock,
    ledger,
    store: new AdapterStore(join(directory.path, `state-${state++}`), clock),
    happenings,
    fits,
    watch: { trials: {} as Trials, calm: () => false },
    random: () => 0.5,
  });
  /** As a reload does, and the start. */
  const take = async (next: Config) => service.apply(await service.prepare(next));
  const stopping = new AbortController();
  const load = vi.fn(() => Promise.resolve(config));
  const control = serviceControl({
    service,
    board,
    ledger,
    load,
    missingSigns: () => [],
    take: () => Promise.resolve(),
    happenings,
  });
  /** Of the source that was opened last for the stream. */
  const source = (name: string) => sources.opened.findLast(({ plan }) => plan.name === name);
  const opened = (count: number) => vi.waitFor(() => expect(sources.opened).toHaveLength(count));
  return {
    service,
    take,
    engine,
    sources,
    source,
    opened,
    heard,
    states,
    fits,
    control,
    load,
    stopping,
    ledger,
    board,
  };
}

describe('a service', () => {
  const config = configOf({ door: {}, yard: {} });
  let all: ReturnType<typeof begun>;
  let running: Promise<void>;
  beforeEach(async () => {
    all = begun(config);
    await all.take(config);
    running = all.service.run(all.stopping.signal);
  });

  it('runs its streams beside each other, with one classifier and one front end for all', async () => {
    const { service, engine, opened, source, heard, stopping } = all;
    await opened(2);
    for (const [index, name] of ['door', 'yard', 'door'].entries()) {
      source(name)?.give();
      await vi.waitFor(() => expect(heard('prediction')).toHaveLength(index + 1));
    }
    expect(heard('prediction').map(({ stream }) => stream)).toEqual(['door', 'yard', 'door']);
    // Two tiles of each frame.
    expect(heard('batch_run')).toHaveLength(6);
    expect(engine.loaded.sort()).toEqual(['classifier', 'front end']);
    stopping.abort();
    await running;
    await service[Symbol.asyncDispose]();
    expect(engine.released.sort()).toEqual(['classifier', 'front end']);
  });

  it('goes on with the others when one fails, is changed or is taken out', async () => {
    const { service, take, opened, source, heard, stopping, fits, ledger, sources } = all;
    await opened(2);
    const yard = source('yard');
    yard?.give();
    const gone = source('door');
    gone?.give();
    const changed = configOf({ door: { frames_per_second: 5 }, yard: {}, gate: {} });
    expect(await take(changed)).toEqual({ added: ['gate'], changed: ['door'], removed: [] });
    await opened(4);
    expect(gone?.parts.signal.aborted).toBe(true);
    expect(service.stream('door').config.frames_per_second).toBe(5);
    expect(heard('stream_added').map(({ stream }) => stream)).toEqual(['door', 'yard', 'gate']);
    await take(configOf({ yard: {} }));
    await vi.waitFor(() => expect(heard('stream_removed').map(({ stream }) => stream)).toEqual(['door', 'gate']));
    expect(fits.remove.mock.calls.flat()).toEqual(['door', 'gate']);
    expect(ledger.streams()).toEqual(['yard']);
    expect(() => service.stream('door')).toThrow('there must be a stream door, but there is none');
    expect(yard?.parts.signal.aborted).toBe(false);
    expect(sources.opened).toHaveLength(4);
    stopping.abort();
    await running;
  });

  it('begins with what was read last, also before it ran', async () => {
    const { service, take, opened, sources, stopping } = begun(config);
    expect(await take(configOf({ gate: {} }))).toEqual({ added: ['gate'], changed: [], removed: ['door', 'yard'] });
    const run = service.run(stopping.signal);
    await opened(1);
    expect(sources.opened.map(({ plan }) => plan.name)).toEqual(['gate']);
    stopping.abort();
    await run;
  });

  it('waits for every child at its end', async () => {
    const { opened, source, stopping } = all;
    await opened(2);
    const door = source('door');
    if (door) vi.spyOn(door, 'end').mockImplementation(() => undefined);
    let over = false;
    void running.then(() => (over = true));
    stopping.abort();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(over).toBe(false);
    vi.restoreAllMocks();
    door?.end();
    await running;
  });

  it('is not ready before its golden test, nor while it stops', async () => {
    const { control, opened, stopping } = all;
    const young = begun(config).control;
    expect(await young.readiness()).toEqual({ ok: false, reasons: ['The golden test has not passed yet'] });
    await opened(2);
    expect(await control.readiness()).toEqual({ ok: true, reasons: [] });
    stopping.abort();
    expect(await control.readiness()).toEqual({ ok: false, reasons: ['The daemon is stopping'] });
    expect((await control.health()).ok).toBe(true);
    await running;
  });

  it('says what each stream does', async () => {
    const { control, opened, source, stopping } = all;
    await opened(2);
    source('door')?.give();
    await vi.waitFor(async () =>
      expect(await control.streams()).toMatchObject([
        { name: 'door', state: 'live', framesClassified: 1, adapter: { digest: 'closed_form', resolution: '640x360' } },
        { name: 'yard', state: 'connecting', framesReceived: 0, paused: false },
      ]),
    );
    await control.pause('door');
    await vi.waitFor(async () =>
      expect((await control.streams())[0]).toMatchObject({ state: 'disabled', paused: true }),
    );
    await expect(control.restart('door')).rejects.toThrow('must not be paused');
    stopping.abort();
    await running;
  });
});

describe('a service of files', () => {
  it('ends when all of them have', async () => {
    const file = { source: 'samples/demo.mp4' };
    const files = configOf({ a: file, b: file });
    const { service, take, opened, source, heard } = begun(files);
    await take(files);
    const running = service.run(new AbortController().signal);
    await opened(2);
    source('a')?.end();
    await vi.waitFor(() =>
      expect(heard('stream_state').at(-1)).toMatchObject({
        stream: 'a',
        state: 'disabled',
        reason: 'the source has ended',
      }),
    );
    source('b')?.end();
    await running;
    expect(heard('stream_removed').map(({ stream }) => stream)).toEqual(['a', 'b']);
  });
});

describe('a file that is taken out', () => {
  it('has not ended: the service goes on without it, and says nothing of an end', async () => {
    const file = { source: 'samples/demo.mp4' };
    const files = configOf({ a: file, b: file });
    const { service, take, opened, source, heard, stopping } = begun(files);
    await take(files);
    const running = service.run(stopping.signal);
    await opened(2);
    await take(configOf({ b: file }));
    await vi.waitFor(() => expect(source('a')?.parts.signal.aborted).toBe(true));
    source('a')?.end();
    await vi.waitFor(() => expect(heard('stream_removed').map(({ stream }) => stream)).toEqual(['a']));
    expect(heard('stream_state').filter(({ stream, state }) => stream === 'a' && state === 'disabled')).toEqual([]);
    stopping.abort();
    await running;
  });
});

describe('a reload', () => {
  it('takes what has changed, and says so', async () => {
    const { service, take, control, load, heard, opened, stopping } = begun(configOf({ door: {} }));
    await take(configOf({ door: {} }));
    const running = service.run(stopping.signal);
    await opened(1);
    load.mockResolvedValue(configOf({ door: {}, yard: {} }));
    expect(await control.reload()).toMatchObject({ added: ['yard'], changed: [], removed: [] });
    await control.reload();
    expect(heard('config_reloaded').map(({ result }) => result)).toEqual(['applied', 'unchanged']);
    await opened(2);
    stopping.abort();
    await running;
  });

  it('that is refused changes nothing', async () => {
    const { service, take, control, load, heard, opened, stopping } = begun(configOf({ door: {} }));
    await take(configOf({ door: {} }));
    const running = service.run(stopping.signal);
    await opened(1);
    const error = new ConfigurationError('no YAML');
    load.mockRejectedValueOnce(error);
    await expect(control.reload()).rejects.toBe(error);
    load.mockResolvedValue(configOf({ door: { labels: ['bird'] } }));
    await expect(control.reload()).rejects.toThrow('no label "bird"');
    load.mockImplementation(() => new Promise((resolve) => resolve(configOf({ door: { region: '0.5,0,0.9,1' } }))));
    await expect(control.reload()).rejects.toThrow('that end inside it');
    expect(heard('config_reloaded').map(({ result }) => result)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(service.stream('door').config.labels).toEqual([]);
    expect((await control.health()).ok).toBe(true);
    stopping.abort();
    await running;
  });

  it('is made once for all who ask while one is under way', async () => {
    const { control, load } = begun(configOf({}));
    const answers = Array.from({ length: 1000 }, () => control.reload());
    await new Promise((resolve) => setTimeout(resolve, 20));
    answers.push(...Array.from({ length: 1000 }, () => control.reload()));
    await Promise.all(answers);
    expect(load.mock.calls.length).toBeLessThanOrEqual(3);
    load.mockClear();
    await control.reload();
    expect(load).toHaveBeenCalledOnce();
  });
});
