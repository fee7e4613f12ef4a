import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { light } from '../../../src/output/report/palette.ts';
import { assertPlotName, writePlot } from '../../../src/output/report/plot.ts';
import { curves, learningRates } from './example.ts';

const charts = [curves('Accuracy & loss < 1', 'accuracy', 0.9), learningRates];
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'edge-cls-plot-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** How many pixels have nearly this colour; drawn by librsvg, so by another hand than resvg's. */
async function pixelsOf(image: string | Buffer, hex: string): Promise<number> {
  const wanted = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const { data } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let count = 0;
  for (let i = 0; i < data.length; i += 3) {
    if (wanted.every((value, channel) => Math.abs(value - data[i + channel]!) < 8)) count += 1;
  }
  return count;
}

describe('writePlot', () => {
  it('should write an SVG that stands alone, with the colours of its series', async () => {
    const path = join(directory, 'plot.svg');
    await writePlot(path, charts);
    const svg = readFileSync(path, 'utf8');
    expect(svg).not.toContain('var(');
    expect(svg).toContain('Accuracy &amp; loss &lt; 1');
    for (const colour of light.series.slice(0, 4)) expect(await pixelsOf(path, colour), colour).toBeGreaterThan(20);
    expect(readdirSync(directory)).toEqual(['plot.svg']);
  });

  it('should write a PNG of twice the size', async () => {
    const path = join(directory, 'plot.png');
    await writePlot(path, charts);
    expect(await sharp(path).metadata()).toMatchObject({ format: 'png', width: 1280 });
    // Lines, and the words in the text's colour.
    for (const colour of [...light.series.slice(0, 4), light.text]) {
      expect(await pixelsOf(path, colour), colour).toBeGreaterThan(20);
    }
  });

  it('should leave room between the title of a chart without a legend and its axis', async () => {
    const path = join(directory, 'single.svg');
    await writePlot(path, [{ ...learningRates, series: learningRates.series.slice(0, 1) }]);
    const top = { left: 16, top: 0, width: 120, height: 56 };
    const { data, info } = await sharp(path).extract(top).greyscale().raw().toBuffer({ resolveWithObject: true });
    const inked = Array.from({ length: info.height }, (_, y) =>
      data.subarray(y * info.width, (y + 1) * info.width),
    ).map((row) => row.some((value) => value < 128));
    const lines = inked.filter((ink, y) => ink && !(inked[y - 1] ?? false));
    expect(lines).toHaveLength(2);
  });

  it('should refuse other kinds of files', () => {
    expect(() => assertPlotName('plot.pdf')).toThrow(
      '--plot must name a file that ends in .svg or .png, it is plot.pdf: choose one of the two',
    );
  });
});
