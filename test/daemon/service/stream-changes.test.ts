import { expect, test } from 'vitest';
import { resolveConfig } from '../../../src/config/load.ts';
import { changesBetween } from '../../../src/daemon/service/stream-changes.ts';

const streams = (...some: { name: string; source: string; labels?: string[] }[]) =>
  resolveConfig({ overrides: { streams: some } }).streams;

test('streams that are as they were are not touched, whatever their order', () => {
  const [a, b] = [
    { name: 'a', source: 'rtsp://a/1' },
    { name: 'b', source: 'rtsp://b/1', labels: ['cup'] },
  ];
  expect(changesBetween(streams(a, b), streams(b, a))).toEqual({ added: [], changed: [], removed: [] });
});

test('what came, what is another now, and what went', () => {
  const before = streams({ name: 'a', source: 'rtsp://a/1' }, { name: 'b', source: 'rtsp://b/1', labels: ['cup'] });
  const after = streams({ name: 'b', source: 'rtsp://b/1', labels: ['mug'] }, { name: 'c', source: 'rtsp://c/1' });
  expect(changesBetween(before, after)).toEqual({ added: ['c'], changed: ['b'], removed: ['a'] });
});
