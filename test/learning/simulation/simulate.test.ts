import { expect, test } from 'vitest';
import { cameraModel } from '../../../src/learning/simulation/camera-model.ts';
import { simulated } from '../../../src/learning/simulation/simulate.ts';
import { seededRandom } from '../../../src/learning/random.ts';
import type { FrameSet } from '../../../src/learning/data/frame-set.ts';

const grid = { width: 64, height: 64 };
const count = 12;
const all = Array.from({ length: count }, (_, i) => i);

/** Slow waves of all brightnesses, planes G, B, R, through `camera`. */
function scenes(seed: number, camera: (value: number, noise: number) => number): FrameSet {
  const { uniform, normal } = seededRandom(seed);
  const frames = all.map(() => {
    const [fx, fy, phase, base] = [0.25 * uniform(), 0.25 * uniform(), 6 * uniform(), 0.35 + 0.3 * uniform()];
    return Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => {
      const [x, y, plane] = [i % 64, Math.floor(i / 64) % 64, Math.floor(i / 4096)];
      const value = base + 0.25 * Math.sin(fx * x + fy * y + phase + 0.5 * plane);
      return Math.round(255 * Math.min(1, Math.max(0, camera(value, normal()))));
    });
  });
  const read = (index: number, into?: Uint8Array<ArrayBuffer>) => {
    into?.set(frames[index]!);
    return Promise.resolve(into ?? frames[index]!.slice());
  };
  const [labels, fingerprint] = [undefined, ''];
  return { grid, length: count, labels, fingerprint, read, [Symbol.asyncDispose]: () => Promise.resolve() };
}

const clean = scenes(1, (value) => value);

test('noise and colours of a camera are told from its frames', async () => {
  const undamaged = await cameraModel(clean, all);
  const { colours, noise } = await cameraModel(
    scenes(1, (value, n) => 0.1 + 0.5 * value + 0.1 * n),
    all,
  );
  for (const c of [0, 1, 2]) {
    expect(Math.sqrt(noise[c]![c]!)).toBeCloseTo(0.1, 2);
    expect(colours.mean[c]).toBeCloseTo(0.1 + 0.5 * undamaged.colours.mean[c]!, 2);
    expect(colours.covariance[c]![c]! / undamaged.colours.covariance[c]![c]!).toBeCloseTo(0.25, 1);
  }
});

test('other pictures are shown as the camera would, even where it clips much of its noise', async () => {
  const wanted = await cameraModel(
    scenes(2, (value, n) => value + 0.35 * n),
    all,
  );
  await using shown = await simulated(clean, wanted, 1);
  const seen = await cameraModel(shown, all);
  for (const c of [0, 1, 2]) {
    expect(Math.sqrt(seen.noise[c]![c]! / wanted.noise[c]![c]!)).toBeCloseTo(1, 1);
    expect(seen.colours.mean[c]).toBeCloseTo(wanted.colours.mean[c]!, 1);
  }
  await using again = await simulated(clean, wanted, 1);
  await using other = await simulated(clean, wanted, 2);
  expect(again.fingerprint).toBe(shown.fingerprint);
  expect(other.fingerprint).not.toBe(shown.fingerprint);
});
