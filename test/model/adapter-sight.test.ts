import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AdapterWeights } from '../../src/model/adapter.ts';
import { assertSees, flatPixel } from '../../src/model/adapter-sight.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { chooseForm } from '../../src/model/front-end/form.ts';
import { encodeModel } from '../../src/onnx/wire.ts';
import { geometryOf, randomAdapter, randomNumbers, runOnce } from '../support/front-end.ts';

const geometry = geometryOf(1, 1, [1, 2], [1, 2], 'edge');
const { width, height } = geometry.grid;

const filled = (value: number): AdapterWeights => ({
  conv1Weight: new Float32Array(441).fill(value),
  conv1Bias: new Float32Array(3).fill(value),
  conv2Weight: new Float32Array(81).fill(value),
  conv2Bias: new Float32Array(3).fill(value),
});

/** What the graph makes of a picture whose bytes are all the same. */
async function throughGraph(weights: AdapterWeights, byte: number): Promise<number[]> {
  const pixels = { data: new Uint8Array(3 * width * height).fill(byte), dims: [1, 3, height, width] };
  const model = encodeModel(chooseForm({ adapter: weights, geometry }).graph());
  return [...(await runOnce(model, pixels))];
}

describe('an adapter', () => {
  test.each([0, -0.1])('of %d everywhere sees nothing', (value) => {
    expect(() => assertSees(filled(value))).toThrow(/white, grey and black must differ in what it makes of them, all/);
  });

  test.each([3e38, -3e38, 1e20, NaN, Infinity])('of %d everywhere gives no finite pixels', (value) => {
    expect(() => assertSees(filled(value))).toThrow(/must give finite pixels/);
  });

  test('that cancels out in whole numbers, but not in the order of a device, is refused too', () => {
    const conv1Weight = Float32Array.from({ length: 441 }, (_, i) => (i % 2 === 0 ? 3e38 : -3e38));
    expect(() => assertSees({ ...filled(0.1), conv1Weight })).toThrow(/must give finite pixels/);
  });

  test.each(['area', 'bilinear', 'bicubic', 'triangle', 'nearest'] as const)('in closed form of %s sees', (kernel) => {
    expect(() => assertSees(closedForm(geometry, kernel).weights)).not.toThrow();
  });

  test('flat pictures are computed as the graph computes them', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const weights = randomAdapter(seed);
      for (const byte of [0, 100, 255]) {
        expect(flatPixel(weights, byte / 255)).toBeAllClose(await throughGraph(weights, byte), {
          atol: 1e-4,
          rtol: 1e-4,
        });
      }
    }
  });

  test('that is not refused gives finite pixels that differ, whatever its values', async () => {
    const strange = fc.constantFrom(NaN, Infinity, -Infinity, 3e38, -3e38, 1e19, 1e-40, 0);
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.float({ min: -30, max: 30, noNaN: true }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 527 }), strange), { maxLength: 3 }),
        async (seed, scale, replaced) => {
          const random = randomNumbers(seed);
          const values = Float32Array.from({ length: 528 }, () => 10 ** scale * (random() - 0.5));
          for (const [at, value] of replaced) values[at] = value;
          const weights = {
            conv1Weight: values.slice(0, 441),
            conv1Bias: values.slice(441, 444),
            conv2Weight: values.slice(444, 525),
            conv2Bias: values.slice(525),
          };
          try {
            assertSees(weights);
          } catch {
            return;
          }
          const frames = [
            await throughGraph(weights, 255),
            await throughGraph(weights, 128),
            await throughGraph(weights, 0),
          ];
          expect(frames.flat().every(Number.isFinite)).toBe(true);
          expect(new Set(frames.map(String)).size).toBeGreaterThan(1);
        },
      ),
      { numRuns: 60 },
    );
  });
});
