import { describe, expect, it } from 'vitest';
import { reloaded } from '../../src/config/changes.ts';
import { configKeys } from '../../src/config/keys.ts';
import { resolveConfig } from '../../src/config/load.ts';

const configOf = (text: string) => resolveConfig({ file: { path: 'x.yaml', text } });
const started = configOf('http: {port: 9000}\nlog: {level: info}');

describe('reloaded', () => {
  it('should find nothing where nothing changed', () => {
    const same = configOf('http: {port: 9000}');
    expect(reloaded(started, same)).toEqual({ config: started, taken: [], needsRestart: [] });
  });

  it('should take what can be taken and name what waits, in the order of the file', () => {
    const read = configOf(
      'log: {level: debug, format: text}\nhttp: {port: 1}\ndevice: cpu\nreconnect: {healthy_seconds: 5}',
    );
    const { config, taken, needsRestart } = reloaded(started, read);
    expect(taken).toEqual(['log.level', 'reconnect.healthy_seconds']);
    expect(needsRestart).toEqual(['device', 'log.format', 'http.port']);
    expect(config).toEqual({ ...started, log: { level: 'debug', format: 'auto' }, reconnect: read.reconnect });
  });

  it('should name a key that waits again at the next reload, and no more when it is taken back', () => {
    const first = reloaded(started, configOf('http: {port: 1}'));
    const second = reloaded(first.config, configOf('http: {port: 1}\nlog: {level: warn}'));
    expect(second).toMatchObject({ taken: ['log.level'], needsRestart: ['http.port'] });
    expect(reloaded(second.config, configOf('http: {port: 9000}')).needsRestart).toEqual([]);
  });

  it('should take streams and their defaults', () => {
    const read = configOf('http: {port: 9000}\nstream_defaults: {stall_seconds: 5}\nstreams: [{name: a, source: b}]');
    expect(reloaded(started, read)).toEqual({
      config: read,
      taken: ['stream_defaults.stall_seconds', 'streams'],
      needsRestart: [],
    });
  });

  it('should keep a null that waits', () => {
    const read = configOf('http: {port: 9000}\nmodels_directory: /models');
    expect(reloaded(started, read)).toMatchObject({
      config: { models_directory: null },
      needsRestart: ['models_directory'],
    });
  });
});

it('should take what the operator turns while it runs', () => {
  const taken = configKeys()
    .filter(({ reload, path }) => reload === 'taken' && !String(path[0]).startsWith('stream'))
    .map(({ path }) => path.join('.'));
  expect(taken).toEqual(
    expect.arrayContaining([
      'log.level',
      'batch.max_wait_seconds',
      'reconnect.first_delay_seconds',
      'reconnect.connecting_per_host',
      'fitting.latency_goal_seconds',
      'output.status_interval_seconds',
    ]),
  );
});
