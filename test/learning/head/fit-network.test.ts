import { expect, it } from 'vitest';
import { inMemory } from '../../../src/learning/head/example-source.ts';
import { beginning, fitNetwork, type NetworkEpoch } from '../../../src/learning/head/fit-network.ts';
import { headNetwork, initialHead, type HeadShape } from '../../../src/learning/head/head-graph.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { randomNumbers } from '../../support/front-end.ts';

it('should come to the same weights however many examples of a batch are run at once', async () => {
  const random = randomNumbers(3);
  const labels = Array.from({ length: 21 }, (_, i) => i % 3);
  const features = labels.map((label) => Float32Array.from({ length: 4 }, (_, k) => Number(k === label) + random()));
  const shape: HeadShape = { kind: 'gap', features: 4, outputs: 3 };
  const examples = inMemory({ features, labels, classes: 3 });
  const options = {
    ...{ network: headNetwork(shape), training: examples, validation: examples, classWeights: [1, 2, 0.5] },
    ...{ epochs: 3, batch: 8, learningRate: 0.05, seed: 2, engine: inlineEngine() },
  };
  const trained = async (atOnce: { atOnce?: number; classifiedAtOnce?: number }) => {
    const epochs: NetworkEpoch[] = [];
    for await (const one of fitNetwork({ ...options, ...atOnce }, beginning(initialHead(shape, 1)))) epochs.push(one);
    return epochs.at(-1)!;
  };
  const [whole, parts] = [await trained({}), await trained({ atOnce: 3, classifiedAtOnce: 5 })];
  parts.state.parameters.forEach((values, i) => {
    expect(values).toBeAllClose(whole.state.parameters[i]!, { rtol: 1e-4, atol: 1e-5 });
  });
  expect(parts.validation.loss).toBeCloseTo(whole.validation.loss, 5);
  expect(parts.training.loss).toBeCloseTo(whole.training.loss, 5);
});

it('should release the first graph where the second cannot be loaded', async () => {
  const released: number[] = [];
  const engine = inlineEngine();
  const shape: HeadShape = { kind: 'gap', features: 4, outputs: 3 };
  const examples = inMemory({ features: [new Float32Array(4)], labels: [0], classes: 3 });
  let loads = 0;
  const failing = {
    ...engine,
    load: async (model: string | Uint8Array) => {
      const number = loads++;
      if (number === 1) throw new Error('no memory for the graph');
      const graph = await engine.load(model);
      return { ...graph, release: () => graph.release().then(() => void released.push(number)) };
    },
  };
  const fitting = fitNetwork(
    {
      network: headNetwork(shape),
      training: examples,
      validation: examples,
      classWeights: [1, 1, 1],
      epochs: 1,
      batch: 1,
      learningRate: 0.1,
      seed: 1,
      engine: failing,
    },
    beginning(initialHead(shape, 1)),
  );
  await expect(fitting.next()).rejects.toThrow('no memory');
  expect(released).toEqual([0]);
});
