/** A classifier of a few hundred weights behind a real front end, with a card, and frames to go through it. */
import type { FrameSet } from '../../src/learning/data/frame-set.ts';
import type { Card } from '../../src/model/card.ts';
import type { Geometry } from '../../src/model/geometry.ts';
import { floats, ints, node } from '../../src/onnx/build.ts';
import { dataType, type GraphModel } from '../../src/onnx/model.ts';
import { randomNumbers } from '../support/front-end.ts';

export const side = 12;

export const geometry: Geometry = {
  mode: 'staged',
  input: { width: side, height: side },
  strides: { x: [1, 2], y: [1, 2] },
  grid: { width: 2 * side, height: 2 * side },
  padding: 'zero',
};

/** Conv 3×3 → ReLU → Conv 3×3 → ReLU → mean → Gemm; `outputs` logits, `bias` added to them and times `scale`. */
export function smallClassifier(outputs: number, { bias = 0, scale = 1 } = {}): GraphModel {
  const random = randomNumbers(11);
  const weights = (name: string, dims: readonly number[], scale: number) =>
    floats(
      name,
      Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => scale * (random() - 0.4)),
      dims,
    );
  const same = { pads: ints(1, 1, 1, 1), strides: ints(1, 1), kernel_shape: ints(3, 3) };
  return {
    name: 'small',
    opset: 17,
    nodes: [
      node('Conv', ['picture', 'w1', 'b1'], ['first'], { ...same, strides: ints(2, 2) }),
      node('Relu', ['first'], ['r1']),
      node('Conv', ['r1', 'w2', 'b2'], ['second'], same),
      node('Relu', ['second'], ['r2']),
      node('GlobalAveragePool', ['r2'], ['pooled']),
      node('Flatten', ['pooled'], ['flat']),
      node('Gemm', ['flat', 'w3', 'b3'], ['logits']),
    ],
    initializers: [
      weights('w1', [4, 3, 3, 3], 0.8),
      weights('b1', [4], 0.2),
      weights('w2', [5, 4, 3, 3], 0.8),
      weights('b2', [5], 0.2),
      weights('w3', [5, outputs], 2 * scale),
      floats('b3', new Float32Array(outputs).fill(bias), [outputs]),
    ],
    inputs: [{ name: 'picture', dataType: dataType.float, dims: ['N', 3, side, side] }],
    outputs: [{ name: 'logits', dataType: dataType.float, dims: ['N', outputs] }],
  };
}

/** What the fitting code reads of a card. */
export function smallCard(labels: readonly string[], decision: 'binary' | 'softmax'): Card {
  const tensor = (name: string, channels: number) => ({
    tensor: name,
    mean: Array.from({ length: channels }, (_, i) => 0.3 + 0.1 * i),
    standardDeviation: Array.from({ length: channels }, (_, i) => 0.2 + 0.05 * i),
  });
  return {
    schema: 1,
    name: 'small',
    title: 'a small classifier',
    model: {
      file: 'model.onnx',
      digest: `sha256:${'0'.repeat(64)}`,
      parameters: 1,
      parametersStored: 1,
      storage: 'float32',
    },
    input: { name: 'picture', width: side, height: side, layout: 'NCHW', colour: 'RGB', range: [0, 1] },
    resize: { fit: 'stretch', kernel: 'area' },
    output: { name: 'logits', decision, labels: [...labels], positive: labels[1], temperature: 1.3 },
    accuracy: [],
    statistics: {
      images: 10,
      pixels: {
        mean: [0.5, 0.45, 0.4],
        covariance: [
          [0.07, 0.06, 0.05],
          [0.06, 0.07, 0.06],
          [0.05, 0.06, 0.07],
        ],
      },
      activations: [tensor('first', 4), tensor('second', 5)],
    },
    golden: [{ input: 0.5, logits: [0] }],
    goldenTolerance: 1,
    licence: 'none',
  };
}

/** Smooth coloured pictures of all brightnesses, with some noise; planes G, B, R. */
export function pictures(count: number, seed = 1): FrameSet & { readonly frames: readonly Uint8Array<ArrayBuffer>[] } {
  const random = randomNumbers(seed);
  const { width, height } = geometry.grid;
  const frames = Array.from({ length: count }, () => {
    const [fx, fy, base] = [random() / 2, random() / 2, 0.2 + 0.6 * random()];
    const gains = [0.6 + 0.4 * random(), 0.6 + 0.4 * random(), 0.6 + 0.4 * random()];
    return Uint8Array.from({ length: 3 * width * height }, (_, i) => {
      const [x, y, plane] = [i % width, Math.floor(i / width) % height, Math.floor(i / width / height)];
      const value = base + 0.3 * Math.sin(fx * x + fy * y) + 0.1 * (random() - 0.5);
      return Math.round(255 * Math.min(1, Math.max(0, gains[plane]! * value)));
    });
  });
  return {
    frames,
    length: count,
    grid: geometry.grid,
    labels: undefined,
    fingerprint: `pictures ${count} ${seed}`,
    read: (index, into) => {
      into?.set(frames[index]!);
      return Promise.resolve(into ?? frames[index]!.slice());
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
