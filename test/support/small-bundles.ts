/** Bundles on the disk that take a millisecond to load, and an engine that counts what it has. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../src/engine/engine.ts';
import { modelDigest } from '../../src/model/bundle.ts';
import type { Card } from '../../src/model/card.ts';
import { floats, int64s, node } from '../../src/onnx/build.ts';
import { dataType, type GraphModel } from '../../src/onnx/model.ts';
import { encodeModel } from '../../src/onnx/wire.ts';
import { inlineEngine } from './inline-engine.ts';

export interface SmallBundle {
  /** What the sum of a picture is multiplied by: another number is another graph. */
  readonly factor?: number;
  /** What the card says of a picture of 0.5, which sums up to 6; by default what the graph answers. */
  readonly golden?: number;
  /** An operator that no engine knows. */
  readonly operator?: string;
  readonly title?: string;
}

/** Writes `models/name`, or over what is there: the sum of a picture of 2×2 pixels, times the factor. */
export function writeSmallBundle(models: string, name: string, bundle: SmallBundle = {}): void {
  const { factor = 1, golden = 6 * factor, operator = 'MatMul', title = 'A test' } = bundle;
  const graph: GraphModel = {
    name,
    opset: 17,
    nodes: [node('Reshape', ['image', 'shape'], ['flat']), node(operator, ['flat', 'weights'], ['logits'])],
    initializers: [int64s('shape', [-1, 12]), floats('weights', new Float32Array(12).fill(factor), [12, 1])],
    inputs: [{ name: 'image', dataType: dataType.float, dims: ['N', 3, 2, 2] }],
    outputs: [{ name: 'logits', dataType: dataType.float, dims: ['N', 1] }],
  };
  const bytes = encodeModel(graph);
  const card: Card = {
    schema: 1,
    name,
    title,
    model: { file: 'model.onnx', digest: modelDigest(bytes), parameters: 12, parametersStored: 12, storage: 'float32' },
    input: { name: 'image', width: 2, height: 2, layout: 'NCHW', colour: 'RGB', range: [0, 1] },
    resize: { fit: 'stretch', kernel: 'area' },
    output: { name: 'logits', decision: 'binary', labels: ['no', 'yes'], positive: 'yes', temperature: 1 },
    accuracy: [],
    statistics: { images: null, activations: [] },
    golden: [{ input: 0.5, logits: [golden] }],
    goldenTolerance: 0.001,
    licence: 'none',
  };
  mkdirSync(join(models, name), { recursive: true });
  writeFileSync(join(models, name, 'model.onnx'), bytes);
  writeFileSync(join(models, name, 'card.json'), JSON.stringify(card));
}

export interface CountingEngine extends Engine {
  /** Graphs that are loaded and not released. */
  readonly open: number;
  readonly loads: number;
  /** Every run fails with this while it is set: a device that does not work. */
  broken: Error | undefined;
}

export function countingEngine(): CountingEngine {
  const engine = inlineEngine();
  let [open, loads] = [0, 0];
  const counting: CountingEngine = {
    ...engine,
    broken: undefined,
    get open() {
      return open;
    },
    get loads() {
      return loads;
    },
    load: async (model) => {
      loads++;
      const graph = await engine.load(model);
      open++;
      let released = false;
      return {
        ...graph,
        run: (feeds, options) => {
          if (released) return Promise.reject(new Error('this graph has been released'));
          return counting.broken ? Promise.reject(counting.broken) : graph.run(feeds, options);
        },
        release: async () => {
          if (released) return;
          released = true;
          open--;
          await graph.release();
        },
      };
    },
  };
  return counting;
}
