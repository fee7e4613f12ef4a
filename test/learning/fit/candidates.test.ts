import { expect, test } from 'vitest';
import { otherContrasts } from '../../../src/learning/fit/candidates.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { frontEndFloatModel } from '../../../src/model/front-end/float-graph.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';
import { runFrontEnd } from '../../support/front-end.ts';
import { geometry } from '../small-classifier.ts';

const mean = [0.5, 0.45, 0.4];
const covariance = mean.map(() => [0, 0, 0]);
const { weights } = closedForm(geometry, 'area');

test('a front end of another contrast gives the same image stretched about the mean colour', async () => {
  const { width, height } = geometry.grid;
  const rgb = Float32Array.from({ length: 3 * width * height }, (_, i) => 0.5 + 0.3 * Math.sin(0.1 * i));
  const pixels = { data: rgb, dims: [1, 3, height, width] };
  const model = encodeModel(frontEndFloatModel(geometry));
  const plain = await runFrontEnd(model, pixels, weights);
  const found = otherContrasts({ name: 'align', weights }, { activations: [], pixels: { mean, covariance } });
  expect(found.map(({ name }) => name)).toEqual([
    'align + contrast 0.65',
    'align + contrast 0.8',
    'align + contrast 1.25',
  ]);
  for (const [i, contrast] of [0.65, 0.8, 1.25].entries()) {
    const stretched = await runFrontEnd(model, pixels, found[i]!.weights);
    const middle = (at: number) => mean[Math.floor((3 * at) / plain.length)]!;
    expect(stretched).toBeAllClose(
      plain.map((value, at) => Math.max(0, middle(at) + contrast * (value - middle(at)))),
      { atol: 1e-5 },
    );
  }
});

test('no contrast is tried where the target has no colours', () => {
  expect(otherContrasts({ name: 'align', weights }, { activations: [] })).toEqual([]);
});
