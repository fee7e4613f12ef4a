/**
 * A float graph with QuantizeLinear and DequantizeLinear around the steps that are to run in int8, as onnxruntime
 * fuses them: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
 */
import { withReadConstants } from '../autodiff/quantised.ts';
import { at } from '../autodiff/tensor-type.ts';
import { floats, int, node as nodeOf } from '../onnx/build.ts';
import { dataType, type GraphModel, type Initializer, type Node } from '../onnx/model.ts';
import type { Affine } from './affine.ts';
import { correctedBias } from './bias-correction.ts';
import { integerWeights } from './integer-weights.ts';
import { isWeighted, stepsOf, type Step, type Weighted } from './steps.ts';

export interface QdqOptions {
  /** Of each tensor that a step reads or makes, by name. */
  readonly affine: (tensor: string) => Affine;
  /** Mean of each channel of a tensor: what rounding the weights shifts outputs by on average is taken from the bias. */
  readonly means: (tensor: string) => Float64Array | undefined;
  /** Outputs of weighted steps that stay in float. */
  readonly float: ReadonlySet<string>;
}

/** `model`: its weights floats (`floatWeights`). */
export function qdqModel(model: GraphModel, { affine, means, float }: QdqOptions): GraphModel {
  const steps = integerSteps(model, float);
  const byNode = new Map(steps.map((step) => [step.node, step]));
  const absorbed = new Set(steps.map(({ rectifier }) => rectifier));
  const results = new Set(model.outputs.map(({ name }) => name));
  const writer = new QdqWriter({ affine, means }, new Map(steps.map((step) => [step.output, step])));
  for (const node of model.nodes) {
    const step = byNode.get(node);
    if (step) writer.integer(step, results.has(step.output));
    else if (!absorbed.has(node)) writer.float(node, results);
  }
  const { nodes, constants } = writer;
  return withReadConstants({ ...model, nodes, initializers: [...model.initializers, ...constants] });
}

/** Weighted steps that are not to stay in float, and what follows from int8 alone. */
function integerSteps(model: GraphModel, float: ReadonlySet<string>): readonly Step[] {
  const made = new Set<string>();
  return stepsOf(model).filter((step) => {
    const fits = isWeighted(step) ? !float.has(step.output) : step.inputs.every((name) => made.has(name));
    if (fits) made.add(step.output);
    return fits;
  });
}

class QdqWriter {
  readonly nodes: Node[] = [];
  readonly constants: Initializer[] = [];
  readonly #figures: Pick<QdqOptions, 'affine' | 'means'>;
  readonly #steps: ReadonlyMap<string, Step>;
  readonly #quantised = new Set<string>();

  constructor(figures: Pick<QdqOptions, 'affine' | 'means'>, steps: ReadonlyMap<string, Step>) {
    this.#figures = figures;
    this.#steps = steps;
  }

  float(node: Node, results: ReadonlySet<string>): void {
    // Behind an int8 step nothing may read the float but its QuantizeLinear, else they are not fused.
    const inputs = node.inputs.map((name) =>
      this.#steps.has(name) && !results.has(name) ? dequantizedName(name) : name,
    );
    this.nodes.push({ ...node, inputs });
  }

  integer(step: Step, isResult: boolean): void {
    const { node, output } = step;
    const inputs = isWeighted(step)
      ? [this.#read(step.input), ...this.#weights(step)]
      : node.inputs.map((name) => (step.inputs.includes(name) ? this.#read(name) : name));
    this.nodes.push({ ...node, inputs, outputs: [output] });
    if (!isResult) this.#quantise(output);
  }

  #read(tensor: string): string {
    if (!this.#quantised.has(tensor)) this.#quantise(tensor);
    return dequantizedName(tensor);
  }

  #quantise(tensor: string): void {
    this.#quantised.add(tensor);
    const { scale, zero } = this.#affineOf(tensor);
    const parameters = [`${tensor}/scale`, `${tensor}/zero`];
    const [q, dq] = [`${tensor}/q`, dequantizedName(tensor)];
    this.constants.push(floats(parameters[0] ?? '', scale), {
      name: parameters[1] ?? '',
      dataType: dataType.uint8,
      dims: [],
      data: Uint8Array.of(zero),
    });
    this.nodes.push(
      nodeOf('QuantizeLinear', [tensor, ...parameters], [q]),
      nodeOf('DequantizeLinear', [q, ...parameters], [dq]),
    );
  }

  /** What only moves values has the scale of what it moves. */
  #affineOf(tensor: string): Affine {
    const step = this.#steps.get(tensor);
    return step?.kind === 'moving' ? this.#affineOf(step.inputs[0] ?? '') : this.#figures.affine(tensor);
  }

  /** Names of the dequantised weights and bias. */
  #weights(layer: Weighted): string[] {
    const { weights, axis, output } = layer;
    const { scale } = this.#affineOf(layer.input);
    const rounded = integerWeights(layer, scale);
    const { values, scales } = rounded;
    const bias = correctedBias(layer, rounded, this.#figures.means(layer.input));
    const [name, biasName] = [`${output}/weights`, `${output}/bias`];
    const biasScales = scales.map((weightScale) => weightScale * scale);
    const integers = Int32Array.from(biasScales, (biasScale, i) => Math.round(at(bias, i) / biasScale));
    this.#constant(`${name}/q`, dataType.int8, weights.dims, values);
    this.constants.push(floats(`${name}/scale`, scales), floats(`${biasName}/scale`, biasScales));
    this.#constant(`${name}/zero`, dataType.int8, [scales.length], new Int8Array(scales.length));
    this.#constant(`${biasName}/q`, dataType.int32, [scales.length], integers);
    this.nodes.push(
      nodeOf('DequantizeLinear', [`${name}/q`, `${name}/scale`, `${name}/zero`], [name], { axis: int(axis) }),
      nodeOf('DequantizeLinear', [`${biasName}/q`, `${biasName}/scale`], [biasName], { axis: int(0) }),
    );
    return [name, biasName];
  }

  #constant(name: string, type: Initializer['dataType'], dims: readonly number[], data: Initializer['data']): void {
    this.constants.push({ name, dataType: type, dims, data });
  }
}

function dequantizedName(tensor: string): string {
  return `${tensor}/dq`;
}
