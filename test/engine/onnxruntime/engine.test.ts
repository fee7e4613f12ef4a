import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunError, type Engine, type Tensor } from '../../../src/engine/engine.ts';
import { onnxruntimeEngine } from '../../../src/engine/onnxruntime/engine.ts';
import { node } from '../../../src/onnx/build.ts';
import { dataType } from '../../../src/onnx/model.ts';
import { encodeModel } from '../../../src/onnx/wire.ts';

/** `sum = a + b` over vectors of any length; mismatched lengths are an error of onnxruntime. */
const addition = encodeModel({
  name: 'addition',
  opset: 17,
  nodes: [node('Add', ['a', 'b'], ['sum'])],
  initializers: [],
  inputs: ['a', 'b'].map((name) => ({ name, dataType: dataType.float, dims: ['N'] })),
  outputs: [{ name: 'sum', dataType: dataType.float, dims: ['N'] }],
});

const vector = (...values: number[]): Tensor => ({ data: Float32Array.from(values), dims: [values.length] });

describe('onnxruntimeEngine', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await onnxruntimeEngine({ device: 'cpu', threads: 1 });
  });
  afterAll(() => engine[Symbol.asyncDispose]());

  test('says on what it runs', () => {
    expect(engine.report).toMatchObject({ device: 'cpu', threads: 1, reason: 'asked for' });
    expect(engine.report.name).not.toBe('');
  });

  test('runs a graph and hands transferred feeds back, the others copied', async () => {
    const graph = await engine.load(addition);
    expect(graph.inputNames).toEqual(['a', 'b']);
    const a = vector(1, 2);
    const b = vector(10, 20);
    const running = graph.run({ a, b }, { transfer: ['a'] });
    expect(a.data.byteLength).toBe(0); // moved away
    expect(b.data).toHaveLength(2);
    const { outputs, feeds, milliseconds } = await running;
    expect([...(outputs['sum']!.data as Float32Array)]).toEqual([11, 22]);
    expect([...(feeds['a']!.data as Float32Array)]).toEqual([1, 2]);
    expect(Object.keys(feeds)).toEqual(['a']);
    expect(milliseconds).toBeGreaterThan(0);
    await graph.release();
  });

  test('a failed run gives the transferred buffers back, and the graph still runs', async () => {
    const graph = await engine.load(addition);
    const failure = await graph
      .run({ a: vector(1, 2, 3), b: vector(1, 2) }, { transfer: ['a'] })
      .catch((e: unknown) => e);
    expect(failure).toBeInstanceOf(RunError);
    expect((failure as RunError).feeds['a']?.data).toHaveLength(3);
    const { outputs } = await graph.run({ a: vector(1), b: vector(2) });
    expect(outputs['sum']?.data[0]).toBe(3);
  });

  test('a released graph cannot be run', async () => {
    const graph = await engine.load(addition);
    await graph.release();
    await graph.release();
    await expect(graph.run({ a: vector(1), b: vector(1) })).rejects.toThrow(/has been released: load it again/);
  });

  test('what is not a model is refused, and the engine goes on', async () => {
    await expect(engine.load(Uint8Array.of(1, 2, 3))).rejects.toThrow();
    await expect(engine.load('/nowhere/model.onnx')).rejects.toThrow(/model\.onnx/);
    const graph = await engine.load(addition);
    expect((await graph.run({ a: vector(1), b: vector(1) })).outputs['sum']?.data[0]).toBe(2);
  });

  test('answers go to those who asked, however many ask at once', async () => {
    const graph = await engine.load(addition);
    const sums = await Promise.all(
      Array.from(
        { length: 50 },
        async (_, i) => (await graph.run({ a: vector(i), b: vector(1) })).outputs['sum']?.data[0],
      ),
    );
    expect(sums).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  test('a closed engine rejects what is under way and what comes after', async () => {
    const closing = await onnxruntimeEngine({ device: 'cpu', threads: 1 });
    const graph = await closing.load(addition);
    const underWay = graph.run({ a: vector(1), b: vector(1) }).catch((error: unknown) => error);
    await closing[Symbol.asyncDispose]();
    await expect(underWay).resolves.toBeDefined();
    await expect(graph.run({ a: vector(1), b: vector(1) })).rejects.toThrow('closed');
  });
});

describe('chooseDevice', () => {
  test.each(['cuda', 'tensorrt'] as const)(
    '%s asked for and absent: an error that says what to install',
    async (device) => {
      const asked = onnxruntimeEngine({ device });
      const outcome = await asked.then(
        (engine) => engine,
        (error: unknown) => error as Error,
      );
      if (!(outcome instanceof Error)) {
        expect(outcome.report.device).toBe(device); // this machine has one
        await outcome[Symbol.asyncDispose]();
        return;
      }
      expect(outcome.message).toMatch(new RegExp(`${device} cannot be used here .*install`));
    },
  );

  test('auto says what it chose and why', async () => {
    const engine = await onnxruntimeEngine({ device: 'auto' });
    expect(engine.report.reason).toMatch(/^auto: /);
    await engine[Symbol.asyncDispose]();
  });
});
