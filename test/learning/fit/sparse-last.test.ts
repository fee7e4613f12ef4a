import { expect, test } from 'vitest';
import { sparseLast } from '../../../src/learning/fit/sparse-last.ts';
import { StepGradient } from '../../../src/learning/fit/step-gradient.ts';
import { alignPiece } from '../../../src/learning/loss/align.ts';
import { joinedGraph } from '../../../src/learning/statistics/joined-graph.ts';
import { toTensors } from '../../../src/model/adapter.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { randomNumbers } from '../../support/front-end.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { geometry, pictures, smallCard, smallClassifier } from '../small-classifier.ts';

const card = smallCard(['no', 'yes'], 'binary');
const { weights } = closedForm(geometry, 'area');
const classifier = smallClassifier(1);

test('the last activation has every second row and column of what it was, the ones before it all', async () => {
  const random = randomNumbers(4);
  const { width, height } = geometry.grid;
  const pixels = {
    data: Uint8Array.from({ length: 3 * width * height }, () => 256 * random()),
    dims: [1, 3, height, width],
  };
  const outputsOf = async (of: typeof classifier) => {
    const graph = await inlineEngine().load(
      encodeModel(joinedGraph({ classifier: of, card, geometry, batch: 1, tensors: ['first', 'second'] })),
    );
    return (await graph.run({ pixels, ...toTensors(weights) })).outputs;
  };
  const [whole, sparse] = [
    await outputsOf(classifier),
    await outputsOf(sparseLast(classifier, [{ tensor: 'second' }])),
  ];
  expect(sparse['first']).toEqual(whole['first']);
  expect(whole['second']!.dims).toEqual([1, 5, 6, 6]);
  expect(sparse['second']!.dims).toEqual([1, 5, 3, 3]);
  const kept = (whole['second']!.data as Float32Array).filter((_, i) => i % 2 === 0 && Math.floor(i / 6) % 2 === 0);
  expect(sparse['second']!.data as Float32Array).toBeAllClose(kept, { atol: 1e-6 });
});

test('a strided convolution, and what no convolution makes, stay as they are', () => {
  for (const tensor of ['first', 'r1', 'logits']) expect(sparseLast(classifier, [{ tensor }])).toEqual(classifier);
});

test('the alignment of every second place points where that of all places does', async () => {
  const gradientOf = async (of: typeof classifier) => {
    await using gradient = await StepGradient.load(inlineEngine(), {
      ...{ classifier: of, card, geometry, batch: 8, frames: pictures(8) },
      pieces: [alignPiece(card.statistics.activations)],
    });
    return (await gradient.of([0, 1, 2, 3, 4, 5, 6, 7], weights)).gradients.flatMap((one) => [...one]);
  };
  const [whole, sparse] = [
    await gradientOf(classifier),
    await gradientOf(sparseLast(classifier, [{ tensor: 'second' }])),
  ];
  const product = whole.reduce((sum, g, i) => sum + g * sparse[i]!, 0);
  expect(product / (Math.hypot(...whole) * Math.hypot(...sparse))).toBeGreaterThan(0.9);
});
