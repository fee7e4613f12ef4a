import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { resolveConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { Service } from '../../../src/daemon/service/service.ts';
import type { Sources } from '../../../src/daemon/stream/sources.ts';
import { systemClock } from '../../../src/domain/clock.ts';
import type { Frame } from '../../../src/domain/frame.ts';
import type { Happening } from '../../../src/domain/happening.ts';
import { Happenings } from '../../../src/domain/happenings.ts';
import { AdapterStore } from '../../../src/model/adapter-store.ts';
import { Ledger } from '../../../src/pipeline/ledger.ts';
import { countingEngine, writeSmallBundle, type CountingEngine } from '../../support/small-bundles.ts';

const native = { width: 8, height: 8 };
const within = { timeout: 5000, interval: 5 };

/** Cameras that give a white frame when they are asked to. */
class Cameras implements Sources {
  readonly opened: { readonly stream: string; readonly frames$: Subject<Frame>; readonly grid: Frame['grid'] }[] = [];

  readonly look: Sources['look'] = () => {
    const kind = { codec: 'h264', pixelFormat: 'yuv420p', sampleAspectRatio: 1, hasAudio: false } as const;
    return Promise.resolve({ ...kind, native, display: native });
  };

  readonly open: Sources['open'] = ({ name, decoder }, { signal }) => {
    const frames$ = new Subject<Frame>();
    this.opened.push({ stream: name, frames$, grid: decoder.grid });
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve));
    signal.addEventListener('abort', () => frames$.complete());
    return { frames$, release: () => undefined, exited: ended.then(() => ({ unreadable: [] }) as never) };
  };

  give(): void {
    const { stream, frames$, grid } = this.opened.at(-1)!;
    const pixels = new Uint8Array(3 * grid.width * grid.height).fill(255);
    frames$.next({ stream, sequence: 0, pixels, grid, presentationSeconds: 0, capturedAt: performance.now(), native });
  }
}

describe('a reload', () => {
  let directory: string;
  let engine: CountingEngine;
  let cameras: Cameras;
  let service: Service;
  let stop: AbortController;
  let running: Promise<void>;
  let told: Happening[];

  const configuration = (...names: readonly string[]): Config =>
    resolveConfig({
      overrides: {
        models_directory: directory,
        streams: names.map((name) => ({ name, source: `rtsp://camera/${name}`, bundle: 'small' })),
      },
    });
  const reload = async (...names: readonly string[]) => {
    await using prepared = await service.prepare(configuration(...names));
    return service.apply(prepared);
  };
  /** Of the second label, in percent: 77 with the bundle as it is at first. */
  const predicted = () =>
    told.flatMap((happening) =>
      happening.type === 'prediction' ? [Math.round(100 * (happening.prediction.probabilities[1] ?? NaN))] : [],
    );

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'edge-cls-reload-'));
    writeSmallBundle(directory, 'small', { factor: 0.1 });
    [engine, cameras, stop, told] = [countingEngine(), new Cameras(), new AbortController(), []];
    const happenings = new Happenings();
    happenings.subscribe((happening) => told.push(happening));
    service = new Service({
      config: configuration('door'),
      engine,
      sources: cameras,
      clock: systemClock,
      ledger: new Ledger(happenings),
      store: new AdapterStore(directory, systemClock),
      happenings,
      fits: { add: () => undefined, remove: () => undefined },
      watch: { trials: { compare: vi.fn(), baseline: vi.fn() }, calm: () => false },
      random: () => 0.5,
    });
    service.apply(await service.prepare(configuration('door')));
    running = service.run(stop.signal);
    await vi.waitFor(() => expect(cameras.opened).toHaveLength(1), within);
    cameras.give();
    await vi.waitFor(() => expect(predicted()).toEqual([77]), within);
  });

  afterEach(async () => {
    stop.abort();
    await running;
    await service[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
    expect({ open: engine.open, faults: told.filter(({ type }) => type === 'fault') }).toEqual({ open: 0, faults: [] });
  });

  test.each([
    ['whose golden test fails', { factor: 0.2, golden: 7 }, /golden test of small must agree/],
    ['whose graph cannot be loaded', { operator: 'Nonsense' }, /the classifier small must load on cpu, it does not/],
  ])('with a bundle %s is refused, and the service goes on; a good one is taken', async (_, bad, refusal) => {
    const { open } = engine;
    writeSmallBundle(directory, 'small', bad);
    for (let attempt = 0; attempt < 3; attempt++) await expect(reload('door')).rejects.toThrow(refusal);
    // Forty seconds of heartbeats: three that failed would have ended the service.
    for (let beat = 0; beat < 4; beat++) await service.check.beat();
    expect(service.check).toMatchObject({ heartbeats: 4, trouble: undefined });
    expect(engine.open).toBe(open);
    cameras.give();
    await vi.waitFor(() => expect(predicted()).toEqual([77, 77]), within);
    expect(cameras.opened).toHaveLength(1);

    writeSmallBundle(directory, 'small', { factor: 0.2 });
    expect(await reload('door')).toEqual({ added: [], changed: ['door'], removed: [] });
    await vi.waitFor(() => expect(cameras.opened).toHaveLength(2), within);
    cameras.give();
    await vi.waitFor(() => expect(predicted()).toEqual([77, 77, 92]), within);
    await service.check.beat();
    expect(engine.open).toBe(open);
  });

  test('with the same files changes nothing and loads nothing', async () => {
    const { loads } = engine;
    expect(await reload('door')).toEqual({ added: [], changed: [], removed: [] });
    expect(engine.loads).toBe(loads);
    expect(cameras.opened).toHaveLength(1);
  });

  test('that is prepared and not applied leaves all as it was', async () => {
    const { open } = engine;
    writeSmallBundle(directory, 'small', { factor: 0.1, title: 'another' });
    const prepared = await service.prepare(configuration('door', 'yard'));
    expect(engine.open).toBe(open + 1);
    await prepared[Symbol.asyncDispose]();
    expect(engine.open).toBe(open);
    cameras.give();
    await vi.waitFor(() => expect(predicted()).toEqual([77, 77]), within);
  });
});
