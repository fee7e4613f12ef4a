import { expect, it } from 'vitest';
import type { Cell } from '../../../src/output/report/data.ts';
import { formatCell, formatInterval } from '../../../src/output/report/format.ts';

it.each<[Cell, string]>([
  [undefined, '–'],
  ['cat', 'cat'],
  [true, 'yes'],
  [false, 'no'],
  [0, '0'],
  [-0, '0'],
  [528, '528'],
  [22982561, '22,982,561'],
  [-0.41234, '−0.4123'],
  [0.1, '0.1'],
  [0.99996, '1'],
  [12345.678, '12,350'],
  [1e-4, '1e−4'],
  [0.00012346, '1.235e−4'],
  [5e12, '5e12'],
  [NaN, '–'],
  [Infinity, '∞'],
  [-Infinity, '−∞'],
  [{ value: 0.97125, unit: 'percent' }, '97.13 %'],
  [{ value: 41.23, unit: 'seconds' }, '41.23 s'],
  [{ value: 2112, unit: 'bytes' }, '2.063 KiB'],
  [{ value: 0, unit: 'bytes' }, '0 B'],
  [{ value: NaN, unit: 'percent' }, '–'],
])('%j is shown as %s', (cell, text) => {
  expect(formatCell(cell)).toBe(text);
});

it.each<[Cell, string | undefined]>([
  [0.5, undefined],
  [{ value: 0.5, low: 0.4 }, undefined],
  [{ value: 0.5, low: 0.4, high: 0.6, unit: 'percent' }, '40.00 to 60.00'],
  [{ value: 0.5, low: -0.1, high: 1 }, '−0.1 to 1'],
])('the interval of %j is %s', (cell, text) => {
  expect(formatInterval(cell)).toBe(text);
});
