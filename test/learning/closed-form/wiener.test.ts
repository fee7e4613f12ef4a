import { describe, expect, test } from 'vitest';
import { Autocovariance } from '../../../src/learning/closed-form/autocovariance.ts';
import { denoised, noiseCovariance } from '../../../src/learning/closed-form/wiener.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import type { AdapterWeights } from '../../../src/model/adapter.ts';
import { geometryOf, randomNumbers } from '../../support/front-end.ts';

const size = 64;
const geometry = geometryOf(size / 2, size / 2, [1, 2], [1, 2], 'zero');

/** Smooth grey pictures; planes G, B, R with white noise of a deviation that is the channel's own. */
function noisy(count: number, deviation: number, seed: number) {
  const random = randomNumbers(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const clean: Float64Array[] = [];
  const frames = Array.from({ length: count }, () => {
    const waves = Array.from({ length: 6 }, () => [0.25 * random(), 0.25 * (random() - 0.5), 6.3 * random()]);
    const picture = Float64Array.from({ length: size * size }, (_, i) => {
      const [x, y] = [i % size, Math.floor(i / size)];
      return 0.5 + waves.reduce((sum, [fx, fy, phase]) => sum + 0.06 * Math.sin(fx! * x + fy! * y + phase!), 0);
    });
    clean.push(picture);
    return Uint8Array.from({ length: 3 * size * size }, (_, i) => {
      return Math.round(255 * Math.min(1, Math.max(0, picture[i % (size * size)]! + deviation * normal())));
    });
  });
  const read = (index: number) => Promise.resolve(frames[index]!);
  return { clean, frames: { grid: { width: size, height: size }, read }, indices: frames.map((_, i) => i) };
}

/** Mean squared difference of conv1's response from that to the clean picture, green channel. */
async function error(weights: AdapterWeights, set: ReturnType<typeof noisy>, reference: AdapterWeights) {
  let [sum, count] = [0, 0];
  for (const index of set.indices) {
    const frame = await set.frames.read(index);
    const noise = (c: number, i: number) => frame[[2, 0, 1][c]! * size * size + i]! / 255;
    for (let y = 3; y < size - 3; y += 5) {
      for (let x = 3; x < size - 3; x += 5) {
        let [seen, wanted] = [0, 0];
        for (let k = 0; k < 147; k++) {
          const place = (y + (Math.floor(k / 7) % 7) - 3) * size + x + (k % 7) - 3;
          seen += weights.conv1Weight[147 + k]! * noise(Math.floor(k / 49), place);
          wanted += reference.conv1Weight[147 + k]! * set.clean[index]![place]!;
        }
        sum += (seen - wanted) ** 2;
        count++;
      }
    }
  }
  return sum / count;
}

describe('the denoiser in closed form', () => {
  test('reads the noise from the autocovariance', async () => {
    const { frames, indices } = noisy(6, 0.1, 3);
    const covariance = noiseCovariance(await Autocovariance.of(frames, indices));
    for (const c of [0, 1, 2]) expect(covariance[c]![c]! / 0.01).toBeCloseTo(1, 1);
    expect(Math.abs(covariance[0]![1]!)).toBeLessThan(0.001);
  });

  test('removes most of the noise of frames that it has not seen, and more than a kernel of one channel could', async () => {
    const { frames, indices } = noisy(6, 0.1, 3);
    const { weights } = closedForm(geometry, 'area');
    const filter = denoised(weights, await Autocovariance.of(frames, indices));
    const others = noisy(3, 0.1, 4);
    const before = await error(weights, others, weights);
    expect(before / 0.01).toBeCloseTo(1, 0);
    // 147 samples at most can be averaged; 49 of one channel would leave 1/49 if the picture were flat.
    expect(await error(filter, others, weights)).toBeLessThan(before / 20);
  });

  test('keeps the brightness of greys', async () => {
    const { frames, indices } = noisy(4, 0.2, 5);
    const { weights } = closedForm(geometry, 'area');
    const { conv1Weight } = denoised(weights, await Autocovariance.of(frames, indices));
    for (const c of [0, 1, 2]) {
      expect(conv1Weight.subarray(147 * c, 147 * (c + 1)).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
  });

  test('leaves frames without noise alone', async () => {
    const { frames, indices } = noisy(6, 0, 3);
    const { weights } = closedForm(geometry, 'area');
    const filter = denoised(weights, await Autocovariance.of(frames, indices));
    // A byte is off by up to 1/510; the filter may be off by as little.
    expect(await error(filter, noisy(3, 0, 4), weights)).toBeLessThan(1 / 510 ** 2);
  });
});
