import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { coalesced } from '../../../src/daemon/service/coalesced.ts';
import type { Service } from '../../../src/daemon/service/service.ts';
import { serviceControl } from '../../../src/daemon/service/service-control.ts';
import { changesBetween } from '../../../src/daemon/service/stream-changes.ts';
import { ConfigurationError } from '../../../src/domain/errors.ts';
import type { Happening } from '../../../src/domain/happening.ts';
import { Happenings } from '../../../src/domain/happenings.ts';
import { Ledger } from '../../../src/pipeline/ledger.ts';
import { StreamBoard } from '../../../src/output/stream-board.ts';

const clock = { now: () => 0, date: () => new Date(0) };

describe('coalesced', () => {
  it('should run one and let one wait, however many ask', async () => {
    const ends: (() => void)[] = [];
    let runs = 0;
    const ask = coalesced(() => {
      const run = ++runs;
      return new Promise<number>((resolve) => ends.push(() => resolve(run)));
    });
    const first = ask();
    await Promise.resolve();
    const later = Array.from({ length: 1000 }, ask);
    expect(runs).toBe(1);
    ends[0]?.();
    expect(await first).toBe(1);
    await expect.poll(() => runs).toBe(2);
    // Who asks while it runs must not get what began before.
    const last = ask();
    ends[1]?.();
    expect(new Set(await Promise.all(later))).toEqual(new Set([2]));
    await expect.poll(() => ends.length).toBe(3);
    ends[2]?.();
    expect(await last).toBe(3);
  });

  it('should go on after one that failed', async () => {
    let runs = 0;
    const ask = coalesced(() => (++runs === 1 ? Promise.reject(new Error('no')) : Promise.resolve(runs)));
    await expect(ask()).rejects.toThrow('no');
    expect(await ask()).toBe(2);
  });
});

describe('a reload', () => {
  /** What a service does with configurations, without streams and devices. */
  class Applied {
    readonly prepared: Config[] = [];
    config = resolveConfig({});
    prepare = (config: Config) => {
      this.prepared.push(config);
      return Promise.resolve({ config, [Symbol.asyncDispose]: () => Promise.resolve() });
    };
    apply = ({ config }: { readonly config: Config }) => {
      const changes = changesBetween(this.config.streams, config.streams);
      this.config = config;
      return changes;
    };
    refreshAdapters = () => Promise.resolve();
  }

  function setUp() {
    const service = new Applied();
    const happenings = new Happenings();
    const told: Happening[] = [];
    const held: Config[] = [];
    happenings.subscribe((happening) => told.push(happening));
    let text = '';
    const control = serviceControl({
      service: service as unknown as Service,
      board: new StreamBoard(clock),
      ledger: new Ledger(happenings),
      load: () => Promise.resolve(resolveConfig({ file: { path: 'x.yaml', text } })),
      missingSigns: () => [],
      take: (config) => {
        if (config.sinks.length > 0) return Promise.reject(new ConfigurationError('no such directory'));
        held.push(config);
        return Promise.resolve();
      },
      happenings,
    });
    const reload = (next: string) => {
      text = next;
      return control.reload();
    };
    return { service, told, held, reload };
  }

  it('should take what it can, name what waits for a restart, and tell both', async () => {
    const { service, told, held, reload } = setUp();
    const report = await reload('log: {level: debug}\nhttp: {port: 1}\nstreams: [{name: a, source: b}]');
    const needsRestart = ['http.port'];
    expect(report).toEqual({ added: ['a'], changed: [], removed: [], taken: ['log.level', 'streams'], needsRestart });
    expect(told).toEqual([{ type: 'config_reloaded', result: 'applied', needsRestart }]);
    expect(service.config).toMatchObject({ log: { level: 'debug' }, http: { port: 9528 } });
    expect(service.prepared).toEqual([service.config]);
    expect(held).toEqual([service.config]);
  });

  it('should name again what still waits, and say that nothing was taken', async () => {
    const { told, reload } = setUp();
    await reload('http: {port: 1}');
    expect((await reload('http: {port: 1}')).needsRestart).toEqual(['http.port']);
    expect(told.at(-1)).toMatchObject({ result: 'unchanged', needsRestart: ['http.port'] });
    expect((await reload('')).needsRestart).toEqual([]);
  });

  it('should change nothing where the configuration is refused', async () => {
    const { service, told, held, reload } = setUp();
    const before = service.config;
    await expect(reload('log: {level: loud}')).rejects.toThrow(ConfigurationError);
    expect(service.config).toBe(before);
    expect(held).toEqual([]);
    expect(told).toMatchObject([{ type: 'config_reloaded', result: 'rejected' }]);
    const path = '/nonexistent/events';
    await expect(
      reload(`sinks: [{type: json_lines, path: ${path}}]\nstreams: [{name: a, source: b}]`),
    ).rejects.toThrow();
    expect(service.config).toBe(before);
  });
});
