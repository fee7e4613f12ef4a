import { describe, expect, it } from 'vitest';
import { parseDuration, timeFrom } from '../../src/commands/option-values.ts';

const place = timeFrom('zero', '--start');
const length = timeFrom('above zero', '--duration');

describe('times on the command line', () => {
  it.each([
    ['90', 90],
    ['90s', 90],
    ['90.5', 90.5],
    ['90.', 90],
    ['500ms', 0.5],
    ['250us', 0.00025],
    ['1:30', 90],
    ['00:01:30', 90],
    ['00:01:30.125', 90.125],
    ['100:00:01', 360_001],
    ['90:00', 5400],
    ['10m', 600],
    ['1.5h', 5400],
    ['0', 0],
    ['0:00', 0],
  ])('%s', (text, seconds) => {
    expect(place(text)).toBe(seconds);
  });

  it.each([
    '',
    ' ',
    '-1',
    '-0:10',
    '1:',
    ':30',
    '1:60',
    '1:60:00',
    '1:2:3:4',
    '1:30s',
    '20 s',
    '1e3',
    '.5',
    'NaN',
    '5d',
  ])('%j is refused', (text) => {
    expect(() => place(text)).toThrow(/--start must be a time such as 90, 1:30/);
  });

  it('should refuse a length of nothing', () => {
    for (const text of ['0', '00:00:00.0', '0ms'])
      expect(() => length(text)).toThrow(/--duration must be a time above 0/);
  });

  it('should read what any time is written as, to the microsecond', () => {
    let state = 7;
    const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below;
    for (let i = 0; i < 2000; i++) {
      const [h, m, s, us] = [random(200), random(60), random(60), random(1_000_000)];
      const two = (value: number) => String(value).padStart(2, '0');
      const fraction = String(us).padStart(6, '0');
      const seconds = (h * 3_600_000_000 + m * 60_000_000 + s * 1_000_000 + us) / 1e6;
      expect(place(`${h}:${two(m)}:${two(s)}.${fraction}`)).toBe(seconds);
      expect(place(`${h * 60 + m}:${two(s)}.${fraction}`)).toBe(seconds);
      expect(place(`${h * 3600 + m * 60 + s}.${fraction}s`)).toBe(seconds);
      expect(place(`${Math.round(seconds * 1e6)}us`)).toBe(seconds);
    }
  });

  it('should leave the other durations as they were', () => {
    expect(['90s', '10m', '1.5h', '7'].map(parseDuration)).toEqual([90, 600, 5400, 7]);
    for (const text of ['0', '1:30', '500ms', '']) expect(() => parseDuration(text)).toThrow(/such as 10m/);
  });
});
