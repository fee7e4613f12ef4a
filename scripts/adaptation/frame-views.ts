/** Sets of frames made out of others: parts of them, wrong labels, covered lenses. */
import type { FrameSet } from '../../src/learning/data/frame-set.ts';
import type { Change } from '../../src/learning/data/load-frames.ts';
import { seededRandom } from '../../src/learning/random.ts';

/** The frames with these indices; the original is disposed of by who made it. */
export function part(
  frames: FrameSet,
  indices: readonly number[],
  labels: FrameSet['labels'] = frames.labels,
): FrameSet {
  return {
    ...{ grid: frames.grid, length: indices.length },
    labels: labels ? Int32Array.from(indices, (index) => labels[index] ?? -1) : undefined,
    fingerprint: `${frames.fingerprint} ${indices.join()}`,
    read: (index, into) => frames.read(indices[index] ?? -1, into),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Labels dealt out at random, as many of each as there were. */
export function shuffledLabels({ labels }: FrameSet, seed: number): Int32Array | undefined {
  if (labels === undefined) return undefined;
  const { uniform } = seededRandom(seed);
  return Int32Array.from(
    [...labels].map((label) => ({ label, key: uniform() })).toSorted((a, b) => a.key - b.key),
    ({ label }) => label,
  );
}

/** Black where `covered` says so. */
export function coveredLens(frames: FrameSet, covered: (index: number) => boolean): FrameSet {
  return {
    ...frames,
    fingerprint: `${frames.fingerprint} covered`,
    read: async (index, into) => {
      const pixels = await frames.read(index, into);
      return covered(index) ? pixels.fill(0) : pixels;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** How dark, green and so on each frame is: the mean over its pixels of its planes' sum with these weights. */
export async function tones(
  frames: FrameSet,
  [red, green, blue]: readonly [number, number, number],
): Promise<number[]> {
  const area = frames.grid.width * frames.grid.height;
  const all: number[] = [];
  for (let index = 0; index < frames.length; index++) {
    const pixels = await frames.read(index);
    let sum = 0;
    for (let i = 0; i < area; i += 7) {
      sum += green * (pixels[i] ?? 0) + blue * (pixels[area + i] ?? 0) + red * (pixels[2 * area + i] ?? 0);
    }
    all.push(sum);
  }
  return all;
}

/** Indices of the quarter with the largest values, in their order. */
export function topQuarter(values: readonly number[]): readonly number[] {
  const limit = values.toSorted((a, b) => b - a)[Math.floor(values.length / 4)] ?? -Infinity;
  return values.flatMap((value, i) => (value > limit ? [i] : []));
}

/** The pictures with these indices, nothing of the others. */
export function only(indices: readonly number[]): Change {
  const wanted = new Set(indices);
  return async function* (pictures) {
    let index = 0;
    for await (const picture of pictures) if (wanted.has(index++)) yield picture;
  };
}

/** One picture as a camera that trembles sees it: `count` times, moved by up to `reach` pixels. */
export function trembling(count: number, reach: number, seed: number, width: number, height: number): Change {
  return async function* (pictures) {
    const { uniform } = seededRandom(seed);
    const shift = () => Math.round((2 * uniform() - 1) * reach);
    for await (const picture of pictures) {
      for (let i = 0; i < count; i++) yield shifted(picture, width, height, shift(), shift());
    }
  };
}

function shifted(picture: Uint8Array, width: number, height: number, dx: number, dy: number): Uint8Array {
  const moved = new Uint8Array(picture.length);
  const clamp = (value: number, side: number) => Math.min(side - 1, Math.max(0, value));
  for (let plane = 0; plane < 3; plane++) {
    for (let y = 0; y < height; y++) {
      const from = (plane * height + clamp(y + dy, height)) * width;
      for (let x = 0; x < width; x++)
        moved[(plane * height + y) * width + x] = picture[from + clamp(x + dx, width)] ?? 0;
    }
  }
  return moved;
}
