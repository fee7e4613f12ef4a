import { describe, expect, it } from 'vitest';
import { dark, light } from '../../../src/output/report/palette.ts';

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

describe.each([
  ['light', light],
  ['dark', dark],
])('%s', (_, { series, card, ground, text, dim, good, bad }) => {
  it('should have words that stand out 4.5 : 1', () => {
    for (const colour of [text, dim, good, bad]) expect(contrast(colour, card)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it('should have lines that stand out 3 : 1', () => {
    for (const colour of series) expect(contrast(colour, card), colour).toBeGreaterThanOrEqual(3);
  });
});
