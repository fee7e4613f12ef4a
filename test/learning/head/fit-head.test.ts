import { describe, expect, it } from 'vitest';
import { beginning } from '../../../src/learning/head/fit-network.ts';
import { classifyFeatures, fitHead, type HeadEpoch, type HeadFitOptions } from '../../../src/learning/head/fit-head.ts';
import { scores } from '../../../src/learning/head/classification.ts';
import type { HeadExamples } from '../../../src/learning/head/head-examples.ts';
import { initialHead, type HeadShape } from '../../../src/learning/head/head-graph.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { randomNumbers } from '../../support/front-end.ts';

/** Clusters around the corners of a simplex. */
function clusters(classes: number, perClass: number, seed: number): HeadExamples {
  const random = randomNumbers(seed);
  const labels = Array.from({ length: classes * perClass }, (_, i) => i % classes);
  const features = labels.map((label) =>
    Float32Array.from({ length: 6 }, (_, k) => Number(k === label) + 0.6 * random()),
  );
  return { features, labels, classes };
}

function optionsFor(shape: HeadShape, classes: number, changed: Partial<HeadFitOptions> = {}): HeadFitOptions {
  return {
    shape,
    training: clusters(classes, 20, 1),
    validation: clusters(classes, 10, 2),
    classWeights: new Array<number>(classes).fill(1),
    ...{ epochs: 12, batch: 7, learningRate: 0.1, seed: 4, engine: inlineEngine() },
    ...changed,
  };
}

async function all(options: HeadFitOptions, from = beginning(initialHead(options.shape, 1))): Promise<HeadEpoch[]> {
  const epochs: HeadEpoch[] = [];
  for await (const epoch of fitHead(options, from)) epochs.push(epoch);
  return epochs;
}

describe('fitHead', () => {
  it.each([
    { kind: 'gap', features: 6, outputs: 1 } as const,
    { kind: 'gap', features: 6, outputs: 4 } as const,
    { kind: 'paper', features: 6, outputs: 4 } as const,
  ])('should learn clusters it has not seen: $kind, $outputs', async (shape) => {
    const classes = shape.outputs === 1 ? 2 : 4;
    const options = optionsFor(shape, classes, { learningRate: shape.kind === 'gap' ? 0.1 : 0.02 });
    const epochs = await all(options);
    const [first, last] = [epochs[0]!, epochs.at(-1)!];
    expect(epochs.map(({ epoch }) => epoch)).toEqual([...Array(12).keys()]);
    expect(last.validation.loss).toBeLessThan(first.validation.loss);
    expect(last.validation.accuracy).toBeGreaterThan(0.95);
    expect(last.training.accuracy).toBeGreaterThan(0.95);
    const logits = await classifyFeatures(options.engine, shape, last.state.parameters, options.validation);
    expect(scores(logits, options.validation.labels)).toEqual(last.validation);
  });

  it('should come to the same weights when it goes on from a stored state', async () => {
    const options = optionsFor({ kind: 'paper', features: 6, outputs: 1 }, 2, { epochs: 5 });
    const whole = await all(options);
    const resumed = await all(options, structuredClone(whole[1]!.state));
    expect(resumed.map(({ epoch }) => epoch)).toEqual([2, 3, 4]);
    expect(resumed.at(-1)!.state.parameters).toEqual(whole.at(-1)!.state.parameters);
  });

  it('should count a class with more weight more', async () => {
    const shape: HeadShape = { kind: 'gap', features: 6, outputs: 1 };
    const vague = {
      features: clusters(2, 20, 1).features.map(() => Float32Array.of(1, 0, 0, 0, 0, 0)),
      labels: clusters(2, 20, 1).labels,
      classes: 2,
    };
    const [last] = (await all(optionsFor(shape, 2, { training: vague, classWeights: [3, 1], epochs: 60 }))).slice(-1);
    const [logit] = await classifyFeatures(inlineEngine(), shape, last!.state.parameters, { ...vague, labels: [0] });
    // Three to one against the second class: the logit is −ln 3.
    expect(logit![0]).toBeCloseTo(-Math.log(3), 1);
  });
});
