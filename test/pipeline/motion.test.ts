import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MotionDetector } from '../../src/pipeline/motion.ts';

const grid = { width: 320, height: 180 };

/** A scene with `noise` levels of noise either way; `paint` changes it. */
function scene(seed: number, noise: number, paint: (x: number, y: number, level: number) => number = (_x, _y, v) => v) {
  let state = seed;
  const random = () => (state = (Math.imul(1103515245, state) + 12345) & 0x7fffffff) / 2 ** 31;
  const pixels = new Uint8Array(3 * grid.width * grid.height);
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++) {
      const level = 60 + x / 4 + (2 * random() - 1) * noise;
      pixels[y * grid.width + x] = Math.max(0, Math.min(255, paint(x, y, level)));
    }
  }
  return pixels;
}

/** Whether each frame is still, at 10 frames a second. */
function still(frames: readonly Uint8Array[], maxStillSeconds = 1000): boolean[] {
  const detector = new MotionDetector(maxStillSeconds);
  return frames.map((pixels, i) => detector.isStill({ pixels, grid, presentationSeconds: i / 10 }));
}

const repeat = <T>(count: number, value: (i: number) => T) => Array.from({ length: count }, (_, i) => value(i));

describe('MotionDetector', () => {
  it('takes the first frame for moved, and those after it for still, whatever the noise of the sensor', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), fc.integer({ min: 0, max: 12 }), (seed, noise) => {
        const [first, ...rest] = still(repeat(20, (i) => scene(seed + i, noise)));
        expect(first).toBe(false);
        // The second as well, when no noise is known yet.
        expect(rest[0]).toBe(true);
        expect(rest.filter((isStill) => !isStill).length).toBeLessThanOrEqual(1);
      }),
      // Of so many normal values one may lie five deviations away: the same pictures each time.
      { numRuns: 20, seed: 1 },
    );
  });

  it('sees what covers a hundredth of the picture, wherever it comes, and that it has gone', () => {
    const place = fc.record({ x: fc.integer({ min: 0, max: 288 }), y: fc.integer({ min: 0, max: 162 }) });
    fc.assert(
      fc.property(place, fc.constantFrom(-30, 30), ({ x: left, y: top }, contrast) => {
        const thing = (i: number) =>
          scene(i + 1, 4, (x, y, level) =>
            i >= 30 && i < 40 && x >= left && x < left + 32 && y >= top && y < top + 18 ? level + contrast : level,
          );
        const result = still(repeat(50, thing));
        expect([result[29], result[30], result[39], result[40], result[49]]).toEqual([true, false, true, false, true]);
      }),
      { numRuns: 10 },
    );
  });

  it('sees a change that is slow once it is large enough, since it compares with the last that had moved', () => {
    const result = still(repeat(100, (i) => scene(1, 0, (_x, _y, level) => level + i / 10)));
    expect(result.filter((isStill) => !isStill).length).toBeGreaterThanOrEqual(3);
    expect(result.filter((isStill) => !isStill).length).toBeLessThan(20);
  });

  it('gets used to what changes all the time in one place, and goes on to see the rest', () => {
    // A clock in the corner, and later a thing in the middle.
    const clock = (i: number) =>
      scene(1, 0, (x, y, level) => {
        if (x < 40 && y < 20) return level + 3 * (i % 2);
        return i >= 200 && x > 140 && x < 180 && y > 80 && y < 100 ? level + 40 : level;
      });
    const result = still(repeat(210, clock));
    expect(result.slice(100, 200).every(Boolean)).toBe(true);
    expect(result[200]).toBe(false);
  });

  it('counts a frame as moved after the longest time, and where time goes backwards', () => {
    const detector = new MotionDetector(2);
    const at = (presentationSeconds: number) => detector.isStill({ pixels: scene(1, 0), grid, presentationSeconds });
    expect([0, 1, 1.9, 2, 3.9, 4, 1, 2, Number.NaN, 2].map(at)).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
      false,
      true,
      false,
      false,
    ]);
  });
});
