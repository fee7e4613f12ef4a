import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/domain/errors.ts';
import { parseRegion, placeRegion } from '../../src/domain/region.ts';

const display = { width: 1920, height: 1080 };

test.each([
  ['0,0,1920,1080', { x: 0, y: 0, width: 1920, height: 1080 }],
  ['10, 20, 30, 40', { x: 10, y: 20, width: 30, height: 40 }],
  ['0.5,0.5,0.5,0.5', { x: 960, y: 540, width: 960, height: 540 }],
  ['0,0,1,1', { x: 0, y: 0, width: 1920, height: 1080 }],
  ['0.333,0,0.334,1', { x: 639, y: 0, width: 642, height: 1080 }],
])('%s', (text, expected) => {
  expect(placeRegion(parseRegion(text), display)).toEqual(expected);
});

describe('refused', () => {
  test.each([
    '',
    '1,2,3',
    '1,2,3,4,5',
    'a,b,c,d',
    '-1,0,10,10',
    '0,0,0,5',
    '0,0,NaN,1',
    '0.6,0,0.6,1',
    '0.5,0,100,100',
    '1e3,0,1,1',
  ])('%j', (text) => expect(() => parseRegion(text)).toThrow(UsageError));

  test('pixels outside the picture', () => {
    expect(() => placeRegion(parseRegion('1900,0,100,100'), display)).toThrow(/inside the picture of 1920x1080/);
  });
});

test('fractions always give at least a pixel inside the picture', () => {
  const side = fc.integer({ min: 1, max: 5000 });
  const thousandth = fc.integer({ min: 0, max: 999 });
  fc.assert(
    fc.property(side, side, thousandth, thousandth, thousandth, thousandth, (width, height, a, b, c, d) => {
      const w = Math.max(1, Math.min(c, 1000 - a));
      const h = Math.max(1, Math.min(d, 1000 - b));
      const placed = placeRegion(parseRegion([a, b, w, h].map((part) => part / 1000).join(',')), { width, height });
      expect(placed.width).toBeGreaterThanOrEqual(1);
      expect(placed.height).toBeGreaterThanOrEqual(1);
      expect(placed.x + placed.width).toBeLessThanOrEqual(width);
      expect(placed.y + placed.height).toBeLessThanOrEqual(height);
      expect(Object.values(placed).every((value) => Number.isInteger(value) && value >= 0)).toBe(true);
    }),
  );
});
