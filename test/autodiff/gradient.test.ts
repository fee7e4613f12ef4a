/** What gradient graphs contain, what they leave out, and what they refuse. */
import { describe, expect, test } from 'vitest';
import { gradientGraph } from '../../src/autodiff/gradient.ts';
import { GraphBuilder } from '../../src/autodiff/graph-builder.ts';
import { foldableWeights } from '../../src/autodiff/foldable.ts';
import { concatenate, openConstants, subgraph } from '../../src/autodiff/subgraph.ts';
import { UserError } from '../../src/domain/errors.ts';
import { floats, int, ints, node } from '../../src/onnx/build.ts';
import { dataType, type GraphModel } from '../../src/onnx/model.ts';
import { expectModelGradients, float, load, type Values } from './support.ts';

const vector = (...data: number[]): Values => ({ dims: [data.length], data: Float64Array.from(data) });

/** loss = mean((a·b + a)²) */
function quadratic(): GraphModel {
  const b = GraphBuilder.empty();
  b.input('a', [2]);
  b.input('b', [2]);
  const sum = b.add(b.mul('a', 'b'), 'a');
  return b.model([b.alias(b.reduceMean(b.mul(sum, sum)), 'loss')]);
}

/** A two-layer net with int8 weights, per output channel, and asymmetric zero points if told. */
function quantisedNet(zeros: readonly number[]): GraphModel {
  const weights = Int8Array.from({ length: 8 * 3 * 9 }, (_, i) => ((i * 37) % 255) - 127);
  return {
    name: 'quantised',
    opset: 17,
    nodes: [
      node('DequantizeLinear', ['q', 'scale', 'zero'], ['w'], { axis: int(0) }),
      node('Conv', ['image', 'w'], ['c'], { kernel_shape: ints(3, 3), strides: ints(2, 2), pads: ints(1, 1, 1, 1) }),
      node('Relu', ['c'], ['r']),
      node('ReduceMean', ['r'], ['loss'], { keepdims: int(0) }),
    ],
    initializers: [
      { name: 'q', dataType: dataType.int8, dims: [8, 3, 3, 3], data: weights },
      floats(
        'scale',
        Array.from({ length: 8 }, (_, i) => 0.01 * (i + 1)),
      ),
      { name: 'zero', dataType: dataType.int8, dims: [8], data: Int8Array.from(zeros) },
    ],
    inputs: [{ name: 'image', dataType: dataType.float, dims: ['N', 3, 5, 6] }],
    outputs: [{ name: 'loss', dataType: dataType.float, dims: [] }],
  };
}

const image = (batch: number): Values => ({
  dims: [batch, 3, 5, 6],
  data: Float64Array.from({ length: batch * 90 }, (_, i) => Math.sin(i * 1.3)),
});

describe('gradientGraph', () => {
  test('names its outputs, and gives the loss beside', async () => {
    const graph = gradientGraph(quadratic(), { result: 'loss', withRespectTo: ['b', 'a'] });
    expect(graph.outputs.map(({ name, dims }) => [name, dims])).toEqual([
      ['gradient/b', [2]],
      ['gradient/a', [2]],
      ['loss', [1]],
    ]);
    const { run, release } = await load(graph);
    const result = await run({ a: vector(1, 2), b: vector(3, -1) });
    // loss = (4² + 0²)/2; ∂a = s·(b + 1), ∂b = s·a with s = (4, 0).
    expect(result['loss']!.data).toBeAllClose([8]);
    expect(result['gradient/a']!.data).toBeAllClose([16, 0]);
    expect(result['gradient/b']!.data).toBeAllClose([4, 0]);
    await release();
  });

  test('builds no gradient that nothing needs', () => {
    const b = GraphBuilder.empty();
    for (const name of ['x', 'w', 'v']) b.input(name, [2, 2]);
    const hidden = b.op('MatMul', ['x', 'w']);
    const model = b.model([b.alias(b.reduceSum(b.op('MatMul', [hidden, 'v'])), 'loss')]);
    const count = (withRespectTo: string[]) =>
      gradientGraph(model, { result: 'loss', withRespectTo }).nodes.filter(({ opType }) => opType === 'MatMul').length;
    expect(count(['v'])).toBe(3); // two forward, one for v
    expect(count(['w'])).toBe(4);
    expect(count(['w', 'v'])).toBe(5);
  });

  test('drops what neither the outputs nor the gradients need', () => {
    const graph = gradientGraph(quantisedNet(Array<number>(8).fill(0)), {
      result: { c: 'cotangent' },
      withRespectTo: ['image'],
      inputShapes: { image: [2, 3, 5, 6] },
    });
    // The gradient of a frozen linear layer depends on the cotangent alone.
    expect(graph.inputs.map(({ name }) => name)).toEqual(['cotangent']);
    expect(graph.nodes.some(({ opType }) => opType === 'Relu')).toBe(false);
  });

  test('differentiates by tensors inside of the graph', async () => {
    const b = GraphBuilder.empty();
    b.input('x', [2]);
    b.alias(b.op('Exp', ['x']), 'inside');
    const model = b.model([b.alias(b.reduceSum(b.mul('inside', 'inside')), 'loss')]);
    const { run, release } = await load(gradientGraph(model, { result: 'loss', withRespectTo: ['inside', 'x'] }));
    const result = await run({ x: vector(0, 1) });
    expect(result['gradient/inside']!.data).toBeAllClose([2, 2 * Math.E]);
    expect(result['gradient/x']!.data).toBeAllClose([2, 2 * Math.E ** 2]);
    await release();
  });

  test.each([
    ['symmetric', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['with zero points', [0, 3, -5, 0, 7, 1, 0, -2]],
  ])('quantised weights, %s', async (_, zeros) => {
    const b = GraphBuilder.from(quantisedNet(zeros), { image: [2, 3, 5, 6] });
    await expectModelGradients(b.model(['r']), [image(2)], { precision: 'float', step: 2e-3 });
  });
});

describe('refusals', () => {
  const refusal = (build: () => unknown): string => {
    try {
      build();
    } catch (error) {
      expect(error).toBeInstanceOf(UserError);
      return (error as Error).message;
    }
    return 'nothing was refused';
  };
  const one = (opType: string, domain = ''): GraphModel => ({
    name: '',
    opset: 17,
    nodes: [{ ...node(opType, ['x'], ['strange']), domain }, node('ReduceSum', ['strange'], ['loss'])],
    initializers: [],
    inputs: [{ name: 'x', dataType: dataType.float, dims: [2] }],
    outputs: [{ name: 'loss', dataType: dataType.float, dims: [] }],
  });
  const gradient = (model: GraphModel, of = 'loss', by = 'x') =>
    refusal(() => gradientGraph(model, { result: of, withRespectTo: [by] }));

  test('an operator without a rule is named, with its tensor and what to do', () => {
    expect(gradient(one('CumSum'))).toMatch(/"strange".*CumSum.*no gradient rule.*export the model/);
    expect(gradient(one('Sinh'))).toMatch(/"strange".*Sinh/);
    expect(gradient(one('Relu', 'com.example'))).toMatch(/com\.example\.Relu/);
  });
  test('an operator without a rule does no harm where nothing is differentiated through it', () => {
    const model = one('CumSum');
    const beside = {
      ...model,
      nodes: [...model.nodes, node('Mul', ['x', 'x'], ['y']), node('ReduceSum', ['y'], ['z'])],
    };
    expect(gradientGraph(beside, { result: 'z', withRespectTo: ['x'], keep: ['strange'] }).outputs).toHaveLength(3);
  });
  test('tensors that are not there, not a scalar, not reached or not real', () => {
    expect(gradient(quadratic(), 'nothing', 'a')).toMatch(/no tensor "nothing"/);
    expect(gradient(quadratic(), 'a', 'a')).toMatch(/"a" must be a scalar.*\[2\]/);
    expect(gradient(one('Sign'))).toMatch(/"loss" does not depend on "x"/);
  });
  test('free dimensions without a shape, shapes that do not fit, old opsets', () => {
    const model = quantisedNet(Array<number>(8).fill(0));
    expect(gradient(model, 'loss', 'image')).toMatch(/"image" has free dimensions.*inputShapes/);
    const shaped = (dims: number[]) => refusal(() => GraphBuilder.from(model, { image: dims }));
    expect(shaped([1, 3, 5, 7])).toMatch(/must be like \[N,3,5,6\], it was \[1,3,5,7\]/);
    expect(refusal(() => GraphBuilder.from({ ...model, opset: 11 }, { image: [1, 3, 5, 6] }))).toMatch(
      /13 or later, it was 11/,
    );
  });
});

describe('subgraph', () => {
  test('keeps what the outputs need, with free dimensions or fixed ones', async () => {
    const model = quantisedNet(Array<number>(8).fill(0));
    const free = subgraph(model, { outputs: ['c'] });
    expect(free.nodes.map(({ opType }) => opType)).toEqual(['DequantizeLinear', 'Conv']);
    expect(free.outputs[0]!.dims).toEqual(['c_0', 8, 3, 3]);
    expect(subgraph(model, { outputs: ['c'], inputShapes: { image: [4, 3, 5, 6] } }).outputs[0]!.dims).toEqual([
      4, 8, 3, 3,
    ]);
    const { run, release } = await load(free);
    expect((await run({ image: image(3) }))['c']!.dims).toEqual([3, 8, 3, 3]);
    await release();
    expect(() => subgraph(model, { outputs: ['d'] })).toThrow(/no tensor "d"/);
  });
});

describe('foldableWeights', () => {
  test('computes exactly the same, without DequantizeLinear', async () => {
    const model = subgraph(quantisedNet([0, 3, -5, 0, 7, 1, 0, -2]), { outputs: ['c'] });
    const folded = foldableWeights(model);
    expect(folded.nodes.some(({ opType }) => opType === 'DequantizeLinear')).toBe(false);
    const [before, after] = await Promise.all([load(model), load(folded)]);
    const feeds = { image: image(2) };
    expect((await after.run(feeds))['c']!.data).toBeAllClose((await before.run(feeds))['c']!.data, { rtol: 1e-6 });
    await Promise.all([before.release(), after.release()]);
  });
});

describe('concatenate', () => {
  /** y = (x + c)·c */
  const model = (constant: number): GraphModel => ({
    name: '',
    opset: 17,
    nodes: [node('Add', ['x', 'c'], ['sum']), node('Mul', ['sum', 'c'], [`y${String(constant)}`])],
    initializers: [floats('c', constant)],
    inputs: [{ name: 'x', dataType: dataType.float, dims: [2] }],
    outputs: [{ name: `y${String(constant)}`, dataType: dataType.float, dims: [2] }],
  });

  test('joins two graphs whose tensors have the same names', async () => {
    const joined = concatenate(model(2), model(3), { join: { x: 'y2' } });
    expect(joined.inputs.map(({ name }) => name)).toEqual(['x']);
    const { run, release } = await load(joined);
    expect((await run({ x: vector(1, 0) }))['y3']!.data).toBeAllClose([(6 + 3) * 3, (4 + 3) * 3]);
    await release();
  });
  test('refuses joins of what is not there, and names that both have', () => {
    expect(() => concatenate(model(2), model(3), { join: { z: 'y2' } })).toThrow(/no input "z"/);
    expect(() => concatenate(model(2), model(3), { join: { x: 'z' } })).toThrow(/no tensor "z"/);
    expect(() => concatenate(model(2), model(2), { join: { x: 'y2' } })).toThrow(/both graphs name a tensor "y2"/);
    expect(() => concatenate(model(2), model(3), { join: {} })).toThrow(/both graphs name a tensor "x"/);
  });
});

describe('openConstants', () => {
  test('makes inputs of weights, with their values, so that they can be trained', async () => {
    const net = quantisedNet([0, 3, -5, 0, 7, 1, 0, -2]);
    const { model, values } = openConstants(net, ['w']);
    expect(model.inputs.map(({ name }) => name)).toEqual(['image', 'w']);
    const weights = values['w']!;
    const w = { dims: weights.dims, data: Float64Array.from(weights.data as Float32Array) };
    expect(w.data[27]).toBeCloseTo((((27 * 37) % 255) - 127 - 3) * 0.02, 5);
    const fixed = GraphBuilder.from(subgraph(model, { outputs: ['r'] }), { image: [1, 3, 5, 6] }).model(['r']);
    await expectModelGradients(fixed, [image(1), w], { precision: 'float', step: 2e-3 });
    expect(() => openConstants(net, ['image'])).toThrow(/no constant "image"/);
  });
});

describe('GraphBuilder', () => {
  test('writes numbers as scalars of the operands, whose type they take', async () => {
    const b = GraphBuilder.empty();
    b.input('x', [3], dataType.double);
    const where = b.op('Where', [b.op('Greater', ['x', 1]), b.mul('x', 2), -1]);
    const model = b.model([b.alias(b.op('LeakyRelu', [where], { alpha: float(0.5) }), 'y')]);
    expect(model.outputs).toEqual([{ name: 'y', dataType: dataType.double, dims: [3] }]);
    const { run, release } = await load(model);
    expect((await run({ x: vector(0, 2, 3) }))['y']!.data).toBeAllClose([-0.5, 4, 6]);
    await release();
  });
});
