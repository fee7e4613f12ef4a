import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import type { Block, ChartBlock } from '../../../src/output/report/data.ts';
import { reportHtml, writeReport } from '../../../src/output/report/report.ts';
import { example, learningRates, loss } from './example.ts';

interface Node {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): ArrayLike<Node>;
}

function parse(html: string): Node {
  return (parseHTML(html) as unknown as { document: Node }).document;
}

function all(node: Node, selector: string): Node[] {
  return Array.from(node.querySelectorAll(selector));
}

async function blocks(...content: Block[]): Promise<Node> {
  return parse(await reportHtml({ title: 'Title', sections: [{ heading: 'Heading', blocks: content }] }));
}

const chart: ChartBlock = {
  kind: 'chart',
  title: 'Accuracy per epoch',
  mark: 'line',
  x: { label: 'epoch' },
  y: { label: 'accuracy', unit: 'percent' },
  series: [{ name: 'training', points: [1, 2, 3].map((x) => ({ x, y: x / 4 })) }],
};

/** x and y of the corners of a path, as drawn. */
function corners(path: string): number[][] {
  return path
    .slice(1)
    .split('L')
    .map((pair) => pair.split(',').map(Number));
}

describe('page', () => {
  it('should name nothing outside itself', async () => {
    const html = (await reportHtml(example)).replaceAll('http://www.w3.org/2000/svg', '').replace(/base64,[^"]*/g, '');
    expect(/https?:|\/\/|<script|<link|@import|url\(/i.exec(html)?.[0]).toBeUndefined();
    expect(html.includes("default-src 'none'")).toBe(true);
  });

  it('should let no text become markup', async () => {
    const hostile = `</style></title><script>alert(1)</script>"'&\u0000`;
    const node = parse(
      await reportHtml({
        title: hostile,
        summary: hostile,
        sections: [
          {
            heading: hostile,
            blocks: [
              { kind: 'text', text: hostile },
              { kind: 'facts', facts: [[hostile, hostile]] },
              { kind: 'table', caption: hostile, columns: [hostile], rows: [[hostile]] },
              {
                ...chart,
                title: hostile,
                x: { label: hostile },
                series: [{ ...chart.series[0]!, name: hostile }, chart.series[0]!],
              },
              { kind: 'confusion', title: hostile, labels: [hostile], counts: [[1]] },
              {
                kind: 'reliability',
                title: hostile,
                series: [{ name: hostile, bins: [{ count: 1, confidence: 1, accuracy: 1 }] }],
              },
              {
                kind: 'images',
                rows: [{ images: [{ caption: hostile, width: 1, height: 1, rgb: new Uint8Array(3) }] }],
              },
            ],
          },
        ],
      }),
    );
    expect(all(node, 'script')).toHaveLength(0);
    expect(all(node, 'h1')[0]?.textContent).toBe(hostile.replace('\u0000', '\ufffd'));
    expect(all(node, 'figure > svg')[0]?.getAttribute('aria-label')).toContain('<script>');
  });

  it('should be the same for the same report', async () => {
    expect((await reportHtml(example)) === (await reportHtml(example))).toBe(true);
  });
});

describe('chart', () => {
  it('should put points where their values are', async () => {
    const node = await blocks({ ...chart, y: { ...chart.y, domain: [0, 1] } });
    const [line] = all(node, 'svg g[aria-label=line] path');
    const [a, b, c] = corners(line!.getAttribute('d')!);
    // The frame is 68 to 384 by 28 to 236; y runs from 0 to 100 %.
    expect([a![0], b![0], c![0]]).toEqual([68, 226, 384]);
    expect([a![1], b![1], c![1]]).toEqual([184, 132, 80]);
  });

  it('should have a name, ticks at whole epochs, and its numbers as a table', async () => {
    const node = await blocks(chart);
    expect(all(node, 'svg')[0]?.getAttribute('aria-label')).toBe('Accuracy per epoch');
    const ticks = all(node, '[aria-label="x-axis tick label"] text').map(({ textContent }) => textContent);
    expect(ticks).toEqual(['1', '2', '3']);
    expect(all(node, 'details tbody tr').map(({ textContent }) => textContent)).toEqual([
      'training125.00 %',
      'training250.00 %',
      'training375.00 %',
    ]);
  });

  it('should have powers of ten on a log axis', async () => {
    const node = await blocks(learningRates);
    const ticks = all(node, '[aria-label="x-axis tick label"] text').map(({ textContent }) => textContent);
    expect(ticks).toEqual(['1e-4', '1e-3']);
  });

  it('should tell series apart by dashes and symbols too', async () => {
    const twice = { ...chart, series: [chart.series[0]!, { ...chart.series[0]!, name: 'validation' }] };
    const node = await blocks(twice);
    const dashes = all(node, 'svg g[aria-label=line]').map((line) => line.getAttribute('stroke-dasharray'));
    expect(new Set(dashes).size).toBe(2);
    expect(all(node, '.legend li').map(({ textContent }) => textContent)).toEqual(['training', 'validation']);
  });

  it('should say how many values have no place', async () => {
    const points = [NaN, Infinity, 0, -1, 2, 3].map((y, x) => ({ x, y }));
    const node = await blocks({ ...chart, y: { label: 'loss', scale: 'log' }, series: [{ name: 'loss', points }] });
    expect(all(node, 'figure p')[0]?.textContent).toMatch(/^4 values are not drawn/);
  });

  it.each<[string, ChartBlock['series']]>([
    ['without series', []],
    ['without points', [{ name: 'loss', points: [] }]],
    ['with nothing finite', [{ name: 'loss', points: [{ x: 1, y: NaN }] }]],
  ])('should say that there is nothing to draw %s', async (_, series) => {
    const node = await blocks({ ...chart, series });
    expect(all(node, 'figure > svg')).toHaveLength(0);
    expect(all(node, 'figure p')[0]?.textContent).toBe('There is nothing to draw.');
  });

  it('should draw a single point', async () => {
    const node = await blocks({ ...chart, series: [{ name: 'training', points: [{ x: 1, y: 0.5 }] }] });
    expect(all(node, 'figure > svg')[0]).toBeDefined();
  });

  it('should stay small however long the history is', async () => {
    const points = Array.from({ length: 200_000 }, (_, x) => ({ x, y: Math.sin(x) }));
    const html = await reportHtml({
      title: 'Long',
      sections: [{ heading: 'Loss', blocks: [{ ...loss, y: { label: 'loss' }, series: [{ name: 'loss', points }] }] }],
    });
    expect(html.length).toBeLessThan(100_000);
  });
});

describe('filters', () => {
  it('should show each kernel at its output and input channel', async () => {
    const conv1Weight = new Float32Array(441);
    // Output B, input G, row 2, column 5.
    conv1Weight[(2 * 3 + 1) * 49 + 2 * 7 + 5] = -1;
    const node = await blocks({
      kind: 'filters',
      title: 'Kernels',
      weights: { conv1Weight, conv1Bias: [0, 0, 0], conv2Weight: new Float32Array(81), conv2Bias: [0, 0, 0.5] },
    });
    const [first, second] = all(node, 'figure');
    expect(all(first!, 'details tbody tr').filter(({ textContent }) => textContent.endsWith('−1'))).toHaveLength(1);
    expect(all(first!, 'details tbody tr').find(({ textContent }) => textContent.endsWith('−1'))?.textContent).toBe(
      'BG25−1',
    );
    const rects = all(first!, 'svg rect');
    const fills = rects.map((rect) => rect.getAttribute('fill'));
    expect(rects).toHaveLength(441);
    expect(new Set(fills).size).toBe(2);
    const odd = rects[fills.findIndex((fill) => fills.indexOf(fill) === fills.lastIndexOf(fill))];
    const columnsLeft = rects
      .map((rect) => Number(rect.getAttribute('x')))
      .filter((x) => x < Number(odd?.getAttribute('x')));
    expect(columnsLeft.length).toBe(441 * (5 / 7));
    expect(second!.textContent).toContain('R 0, G 0, B 0.5');
  });
});

describe('confusion', () => {
  it('should give recall per actual class', async () => {
    const node = await blocks({
      kind: 'confusion',
      title: 'Confusion',
      labels: ['cat', 'dog', 'fox'],
      counts: [
        [9, 1, 0],
        [2, 6, 0],
        [0, 0, 0],
      ],
    });
    expect(all(node, 'tbody tr').map(({ textContent }) => textContent)).toEqual([
      'cat91090.00 %',
      'dog26075.00 %',
      'fox000–',
    ]);
  });

  it('should list what is confused most where classes are many', async () => {
    const labels = Array.from({ length: 1000 }, (_, i) => `class ${i}`);
    const counts = labels.map((_, i) => labels.map((_, j) => (i === j ? 10 : i === 3 && j === 7 ? 30 : 0)));
    const node = await blocks({ kind: 'confusion', title: 'Confusion', labels, counts });
    expect(all(node, 'tbody tr').map(({ textContent }) => textContent)).toEqual(['class 3class 73075.00 %']);
  });
});

describe('writeReport', () => {
  it('should leave the report and nothing else', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'edge-cls-report-'));
    try {
      await writeReport(join(directory, 'report.html'), example);
      expect(readdirSync(directory)).toEqual(['report.html']);
      expect(readFileSync(join(directory, 'report.html'), 'utf8') === (await reportHtml(example))).toBe(true);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
