/** Trains a head on features that are in memory. */
import type { Engine } from '../../engine/engine.ts';
import { inMemory } from './example-source.ts';
import {
  classifyExamples,
  fitNetwork,
  type NetworkEpoch,
  type NetworkFitOptions,
  type NetworkState,
  type Parameters,
} from './fit-network.ts';
import type { HeadExamples } from './head-examples.ts';
import { headNetwork, type HeadShape } from './head-graph.ts';

export type HeadState = NetworkState;
export type HeadEpoch = NetworkEpoch;

export interface HeadFitOptions extends Pick<
  NetworkFitOptions,
  'classWeights' | 'epochs' | 'batch' | 'learningRate' | 'seed' | 'engine'
> {
  readonly shape: HeadShape;
  readonly training: HeadExamples;
  readonly validation: HeadExamples;
}

/** As `fitNetwork`. */
export function fitHead(options: HeadFitOptions, from: HeadState): AsyncGenerator<HeadEpoch> {
  const { shape, training, validation, ...settings } = options;
  const examples = { training: inMemory(training), validation: inMemory(validation) };
  return fitNetwork({ ...settings, ...examples, network: headNetwork(shape) }, from);
}

/** Logits of all examples. */
export function classifyFeatures(
  engine: Engine,
  shape: HeadShape,
  parameters: Parameters,
  examples: HeadExamples,
): Promise<Float32Array[]> {
  return classifyExamples({ engine, network: headNetwork(shape) }, parameters, inMemory(examples));
}
