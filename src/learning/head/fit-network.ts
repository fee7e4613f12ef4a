/** Trains a network: mini-batches, Adam, one graph with the weights as inputs. */
import { gradientName } from '../../autodiff/gradient.ts';
import { DisposeStack } from '../../domain/dispose-stack.ts';
import { seededRandom } from '../../domain/random.ts';
import type { Engine, Graph, Tensor } from '../../engine/engine.ts';
import type { GraphModel } from '../../onnx/model.ts';
import { encodeModel } from '../../onnx/wire.ts';
import { adam, type AdamState } from '../optimizer/adam.ts';
import { scores, type Scores } from './classification.ts';
import type { ExampleSource } from './example-source.ts';
import { trainingModel, type Network } from './network.ts';

export type Parameters = readonly Float32Array<ArrayBuffer>[];

export interface NetworkState {
  /** Epochs done. */
  readonly epoch: number;
  readonly parameters: Parameters;
  readonly optimizer: AdamState;
}

export interface NetworkEpoch {
  /** From 0. */
  readonly epoch: number;
  /** Over the epoch's batches, as they came, without class weights. */
  readonly training: Scores;
  readonly validation: Scores;
  readonly state: NetworkState;
}

export interface NetworkFitOptions {
  readonly network: Network;
  readonly training: ExampleSource;
  readonly validation: ExampleSource;
  /** Weight of each class in the loss; 1 is usual. */
  readonly classWeights: readonly number[];
  readonly epochs: number;
  readonly batch: number;
  /** Examples that are run at once while training: memory is bounded by these. By default a batch. */
  readonly atOnce?: number;
  /** Likewise of those that are only classified; 256 by default. */
  readonly classifiedAtOnce?: number;
  readonly learningRate: number;
  /** Decides the order of the examples. */
  readonly seed: number;
  readonly engine: Engine;
}

export const beginning = (parameters: Parameters): NetworkState => ({
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
export async function* fitNetwork(options: NetworkFitOptions, from: NetworkState): AsyncGenerator<NetworkEpoch> {
  const { engine, network, batch, training, validation } = options;
  await using graphs = new DisposeStack();
  const load = async (model: GraphModel): Promise<Graph> => {
    const graph = await engine.load(encodeModel(model));
    graphs.defer(() => graph.release());
    return graph;
  };
  const step = await load(trainingModel(network, options.atOnce ?? batch));
  const forward = await load(network.model('N'));
  let state = from;
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
    const validationLogits = await logitsOf(forward, options, state.parameters, validation);
    yield {
      epoch,
      training: scores(logits, training.labels),
      validation: scores(validationLogits, validation.labels),
      state,
    };
  }
}

/** Logits of all examples. */
export async function classifyExamples(
  options: Pick<NetworkFitOptions, 'engine' | 'network' | 'classifiedAtOnce'>,
  parameters: Parameters,
  examples: ExampleSource,
): Promise<Float32Array[]> {
  const graph = await options.engine.load(encodeModel(options.network.model('N')));
  try {
    return await logitsOf(graph, options, parameters, examples);
  } finally {
    await graph.release();
  }
}

const optimizer = adam();

/** One step of Adam on a batch. The gradients of its parts are sums over examples, and are added up. */
async function runStep(graph: Graph, options: NetworkFitOptions, state: NetworkState, indices: readonly number[]) {
  const { batch, atOnce = batch, learningRate } = options;
  const logits: Float32Array[] = [];
  let gradients: readonly Float32Array[] | undefined;
  for (let start = 0; start < indices.length; start += atOnce) {
    const part = await runPart(graph, options, state.parameters, indices.slice(start, start + atOnce), indices.length);
    logits.push(...part.logits);
    gradients = gradients === undefined ? part.gradients : added(gradients, part.gradients);
  }
  const updated = optimizer.update(state.optimizer, state.parameters, gradients ?? [], learningRate);
  return { state: { ...state, parameters: updated.parameters, optimizer: updated.state }, logits };
}

async function runPart(
  graph: Graph,
  options: NetworkFitOptions,
  parameters: Parameters,
  indices: readonly number[],
  stepExamples: number,
) {
  const { network, batch, atOnce: rows = batch, training, classWeights } = options;
  const { outputs: width } = network;
  const targets = new Float32Array(rows * width);
  const weights = new Float32Array(rows);
  indices.forEach((index, row) => {
    const label = training.labels[index] ?? 0;
    if (width > 1) targets[row * width + label] = 1;
    else targets[row] = label;
    weights[row] = (classWeights[label] ?? 1) / stepExamples;
  });
  const { outputs } = await graph.run(
    {
      [network.input]: { data: await training.read(indices, rows), dims: [rows, ...network.exampleDims] },
      targets: { data: targets, dims: [rows, width] },
      weights: { data: weights, dims: [rows, 1] },
      ...parameterTensors(network, parameters),
    },
    { transfer: [network.input] },
  );
  return {
    gradients: network.parameters.map(({ name }) => floatsOf(outputs[gradientName(name)])),
    logits: rowsOf(floatsOf(outputs['logits']), width).slice(0, indices.length),
  };
}

function added(sums: readonly Float32Array[], more: readonly Float32Array[]): readonly Float32Array[] {
  sums.forEach((sum, tensor) => {
    const values = more[tensor] ?? new Float32Array();
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? NaN) + (values[i] ?? NaN);
  });
  return sums;
}

async function logitsOf(
  graph: Graph,
  { network, classifiedAtOnce: chunk = 256 }: Pick<NetworkFitOptions, 'network' | 'classifiedAtOnce'>,
  parameters: Parameters,
  examples: ExampleSource,
): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (let start = 0; start < examples.labels.length; start += chunk) {
    const indices = [...examples.labels.keys()].slice(start, start + chunk);
    const features: Tensor = { data: await examples.read(indices), dims: [indices.length, ...network.exampleDims] };
    const { outputs } = await graph.run(
      { [network.input]: features, ...parameterTensors(network, parameters) },
      { transfer: [network.input] },
    );
    all.push(...rowsOf(floatsOf(outputs['logits']), network.outputs));
  }
  return all;
}

function parameterTensors(network: Network, parameters: Parameters): Record<string, Tensor> {
  return Object.fromEntries(
    network.parameters.map(({ name, dims }, i) => [name, { data: parameters[i] ?? new Float32Array(), dims }]),
  );
}

function rowsOf(values: Float32Array, width: number): Float32Array[] {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  return tensor?.data instanceof Float32Array ? tensor.data : new Float32Array();
}
