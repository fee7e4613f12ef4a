/** Runs graphs in this process and compares gradient graphs with finite differences of the forward graph. */
import fc from 'fast-check';
import ort from 'onnxruntime-node';
import { expect } from 'vitest';
import { gradientGraph } from '../../src/autodiff/gradient.ts';
import { dataType, type Attribute, type GraphModel, type Initializer } from '../../src/onnx/model.ts';
import { encodeModel } from '../../src/onnx/wire.ts';
import { node } from '../../src/onnx/build.ts';

export function float(value: number): Attribute {
  return { kind: 'float', value };
}

export interface Values {
  readonly dims: readonly number[];
  readonly data: Float64Array;
}

/** Loads a graph; `run` takes and gives doubles, whatever the graph's own element type. */
export async function load(model: GraphModel) {
  const session = await ort.InferenceSession.create(encodeModel(model), {
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  const types = new Map(model.inputs.map(({ name, dataType: type }) => [name, type]));
  const run = async (feeds: Readonly<Record<string, Values>>): Promise<Record<string, Values>> => {
    const tensors = Object.entries(feeds).map(([name, { data, dims }]) => {
      const double = types.get(name) === dataType.double;
      return [
        name,
        double ? new ort.Tensor('float64', data, dims) : new ort.Tensor('float32', Float32Array.from(data), dims),
      ];
    });
    const results = await session.run(Object.fromEntries(tensors) as Record<string, ort.Tensor>);
    return Object.fromEntries(
      Object.entries(results).map(([name, { data, dims }]) => [
        name,
        { dims, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) },
      ]),
    );
  };
  return { run, release: () => session.release() };
}

export interface OperatorCase {
  readonly opType: string;
  /** Inputs to differentiate by; their names are x0, x1, …, also where the node takes constants between. */
  readonly inputs: readonly Values[];
  /** What the node takes, by name; the inputs in their order by default. */
  readonly takes?: readonly string[];
  readonly constants?: readonly Initializer[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: number;
  readonly opset?: number;
  /** `double` wherever onnxruntime's kernel has it. */
  readonly precision: 'double' | 'float';
  /** Half the distance of the two evaluations; large where the operator is linear, so that float32 does. */
  readonly step?: number;
}

export function modelOf(one: OperatorCase): GraphModel {
  const type = one.precision === 'double' ? dataType.double : dataType.float;
  const names = one.inputs.map((_, i) => `x${String(i)}`);
  const outputs = Array.from({ length: one.outputs ?? 1 }, (_, i) => `y${String(i)}`);
  return {
    name: one.opType,
    opset: one.opset ?? 17,
    nodes: [node(one.opType, one.takes ?? names, outputs, one.attributes)],
    initializers: one.constants ?? [],
    inputs: one.inputs.map(({ dims }, i) => ({ name: names[i]!, dataType: type, dims })),
    outputs: outputs.map((name) => ({ name, dataType: type, dims: [] })),
  };
}

/**
 * Checks the gradients of Σ c·y with respect to every input, element by element, against Richardson's
 * extrapolation of central differences, and the shapes that were inferred against those that come out.
 */
export async function expectGradients(one: OperatorCase): Promise<void> {
  await expectModelGradients(modelOf(one), one.inputs, one);
}

export async function expectModelGradients(
  model: GraphModel,
  inputs: readonly Values[],
  { precision, step = precision === 'double' ? 1e-3 : 1e-2 }: { precision: 'double' | 'float'; step?: number },
): Promise<void> {
  const names = model.inputs.map(({ name }) => name);
  const results = model.outputs.map(({ name }) => name);
  const withGradients = gradientGraph(model, {
    result: Object.fromEntries(results.map((name) => [name, `cotangent ${name}`])),
    withRespectTo: names,
    keep: results,
  });
  const shapes = new Map(withGradients.outputs.map(({ name, dims }) => [name, dims]));
  const forward = await load({ ...model, outputs: model.outputs.map((o) => ({ ...o, dims: shapes.get(o.name)! })) });
  const backward = await load(withGradients);
  try {
    const feeds = Object.fromEntries(names.map((name, i) => [name, inputs[i]!]));
    const outputs = await forward.run(feeds);
    const cotangents = Object.fromEntries(
      results.map((name, k) => {
        const { dims, data } = outputs[name]!;
        return [`cotangent ${name}`, { dims, data: data.map((_, i) => (((i * 7 + k * 3) % 11) - 5) / 4) }];
      }),
    );
    const loss = async (values: Record<string, Values>) => {
      const y = await forward.run(values);
      return results.reduce((sum, name) => sum + dot(y[name]!.data, cotangents[`cotangent ${name}`]!.data), 0);
    };
    const computed = await backward.run({ ...feeds, ...cotangents });
    for (const name of results) {
      expect(computed[name]!.dims).toEqual(shapes.get(name));
      expect(outputs[name]!.data.length).toBe(computed[name]!.data.length);
    }
    const tolerance = precision === 'double' ? { rtol: 1e-6, atol: 1e-6 } : { rtol: 2e-3, atol: 2e-3 };
    for (const name of names) {
      const gradient = computed[`gradient/${name}`]!;
      expect(gradient.dims).toEqual(feeds[name]!.dims);
      const { places, expected } = await differences(loss, feeds, name, step);
      expect(places.map((i) => gradient.data[i]!)).toBeAllClose(expected, tolerance);
    }
  } finally {
    await Promise.all([forward.release(), backward.release()]);
  }
}

const mostPlaces = 24;

async function differences(
  loss: (feeds: Record<string, Values>) => Promise<number>,
  feeds: Record<string, Values>,
  name: string,
  step: number,
) {
  const { dims, data } = feeds[name]!;
  const stride = Math.max(1, Math.floor(data.length / mostPlaces));
  const places = Array.from(data.keys()).filter((i) => i % stride === 0);
  const expected: number[] = [];
  for (const place of places) {
    const central = async (h: number) => {
      const moved = (sign: number) => ({
        ...feeds,
        [name]: { dims, data: data.map((v, i) => (i === place ? v + sign * h : v)) },
      });
      return ((await loss(moved(1))) - (await loss(moved(-1)))) / (2 * h);
    };
    expected.push((4 * (await central(step / 2)) - (await central(step))) / 3);
  }
  return { places, expected };
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

/**
 * Distinct values, all odd multiples of 0.05 between −2 and 2 or wider where there are many: away from each
 * other and from the kinks of piecewise functions, which lie at multiples of 0.1.
 */
export function values(dims: readonly number[], { positive = false } = {}): fc.Arbitrary<Values> {
  const length = dims.reduce((product, dim) => product * dim, 1);
  const reach = Math.max(20, Math.ceil(length / 2));
  const low = positive ? 0 : -reach;
  return fc
    .uniqueArray(fc.integer({ min: low, max: low + 2 * reach }), { minLength: length, maxLength: length })
    .map((places) => ({ dims, data: Float64Array.from(places, (place) => place / 10 + 0.05) }));
}

/**
 * Quarters between −4 and 4, for operators that multiply and add: their products are sixteenths, of which float32
 * adds up tens of thousands without rounding, so that differences of what is linear are exact.
 */
export function quarters(dims: readonly number[]): fc.Arbitrary<Values> {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return fc
    .array(fc.integer({ min: -16, max: 16 }), { minLength: length, maxLength: length })
    .map((places) => ({ dims, data: Float64Array.from(places, (place) => place / 4) }));
}

/** Dimensions of a small tensor. */
export function shape(rank: number | { min: number; max: number } = { min: 1, max: 4 }): fc.Arbitrary<number[]> {
  const { min, max } = typeof rank === 'number' ? { min: rank, max: rank } : rank;
  return fc.array(fc.integer({ min: 1, max: 4 }), { minLength: min, maxLength: max });
}
