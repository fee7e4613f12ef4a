/** Trains a head on features: mini-batches, Adam, one graph with the weights as inputs. */
import { gradientName } from '../../autodiff/gradient.ts';
import { seededRandom } from '../../domain/random.ts';
import type { Engine, Graph, Tensor } from '../../engine/engine.ts';
import { encodeModel } from '../../onnx/model.ts';
import { adam, type AdamState } from '../optimizer/adam.ts';
import { scores, type Scores } from './classification.ts';
import { stacked, type HeadExamples } from './head-examples.ts';
import { headModel, headParameters, headTrainingModel, type HeadShape } from './head-graph.ts';

export interface HeadState {
  /** Epochs done. */
  readonly epoch: number;
  readonly parameters: readonly Float32Array<ArrayBuffer>[];
  readonly optimizer: AdamState;
}

export interface HeadEpoch {
  /** From 0. */
  readonly epoch: number;
  /** Over the epoch's batches, as they came, without class weights. */
  readonly training: Scores;
  readonly validation: Scores;
  readonly state: HeadState;
}

export interface HeadFitOptions {
  readonly shape: HeadShape;
  readonly training: HeadExamples;
  readonly validation: HeadExamples;
  /** Weight of each class in the loss; 1 is usual. */
  readonly classWeights: readonly number[];
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Decides the order of the examples. */
  readonly seed: number;
  readonly engine: Engine;
}

export const beginning = (parameters: readonly Float32Array<ArrayBuffer>[]): HeadState => ({
  epoch: 0,
  parameters,
  optimizer: adam().init(parameters),
});

/**
 * Trains from a state on and yields after each epoch. Stopping is the caller's: leaving the loop ends it.
 *
 * The order of the examples depends on the seed and the number of the epoch alone, so a training that goes on
 * from a stored state comes to the same weights as one that was not interrupted.
 */
export async function* fitHead(options: HeadFitOptions, from: HeadState): AsyncGenerator<HeadEpoch> {
  const { engine, shape, batch, training, validation } = options;
  const step = await engine.load(encodeModel(headTrainingModel(shape, batch)));
  const forward = await engine.load(encodeModel(headModel(shape)));
  let state = from;
  try {
    while (state.epoch < options.epochs) {
      const { epoch } = state;
      const order = seededRandom(options.seed * 1_000_003 + epoch).shuffled([...training.labels.keys()]);
      const logits = new Array<Float32Array>(order.length);
      for (let start = 0; start < order.length; start += batch) {
        const indices = order.slice(start, start + batch);
        const done = await runStep(step, options, state, indices);
        state = done.state;
        indices.forEach((index, row) => (logits[index] = done.logits[row] ?? new Float32Array()));
      }
      state = { ...state, epoch: epoch + 1 };
      const validationLogits = await headLogits(forward, shape, state.parameters, validation);
      yield {
        epoch,
        training: scores(logits, training.labels),
        validation: scores(validationLogits, validation.labels),
        state,
      };
    }
  } finally {
    await step.release();
    await forward.release();
  }
}

/** Logits of all examples. */
export async function classifyFeatures(
  engine: Engine,
  shape: HeadShape,
  parameters: readonly Float32Array<ArrayBuffer>[],
  examples: HeadExamples,
): Promise<Float32Array[]> {
  const graph = await engine.load(encodeModel(headModel(shape)));
  try {
    return await headLogits(graph, shape, parameters, examples);
  } finally {
    await graph.release();
  }
}

const optimizer = adam();

async function runStep(graph: Graph, options: HeadFitOptions, state: HeadState, indices: readonly number[]) {
  const { shape, batch, training, classWeights, learningRate } = options;
  const { outputs: width } = shape;
  const targets = new Float32Array(batch * width);
  const weights = new Float32Array(batch);
  indices.forEach((index, row) => {
    const label = training.labels[index] ?? 0;
    if (width > 1) targets[row * width + label] = 1;
    else targets[row] = label;
    weights[row] = (classWeights[label] ?? 1) / indices.length;
  });
  const { outputs } = await graph.run(
    {
      features: { data: stacked(training, indices, batch), dims: [batch, shape.features] },
      targets: { data: targets, dims: [batch, width] },
      weights: { data: weights, dims: [batch, 1] },
      ...parameterTensors(shape, state.parameters),
    },
    { transfer: ['features'] },
  );
  const gradients = headParameters(shape).map(({ name }) => floatsOf(outputs[gradientName(name)]));
  const updated = optimizer.update(state.optimizer, state.parameters, gradients, learningRate);
  return {
    state: { ...state, parameters: updated.parameters, optimizer: updated.state },
    logits: rowsOf(floatsOf(outputs['logits']), width),
  };
}

async function headLogits(
  graph: Graph,
  shape: HeadShape,
  parameters: readonly Float32Array<ArrayBuffer>[],
  examples: HeadExamples,
): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  const chunk = 256;
  for (let start = 0; start < examples.labels.length; start += chunk) {
    const indices = [...examples.labels.keys()].slice(start, start + chunk);
    const features: Tensor = { data: stacked(examples, indices), dims: [indices.length, shape.features] };
    const { outputs } = await graph.run(
      { features, ...parameterTensors(shape, parameters) },
      { transfer: ['features'] },
    );
    all.push(...rowsOf(floatsOf(outputs['logits']), shape.outputs));
  }
  return all;
}

function parameterTensors(shape: HeadShape, parameters: readonly Float32Array<ArrayBuffer>[]): Record<string, Tensor> {
  return Object.fromEntries(
    headParameters(shape).map(({ name, dims }, i) => [name, { data: parameters[i] ?? new Float32Array(), dims }]),
  );
}

function rowsOf(values: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  return tensor?.data instanceof Float32Array ? tensor.data : new Float32Array();
}
