/** What the tensors of a float graph hold over pictures: the graph run with its intermediate tensors as outputs. */
import type { Engine } from '../engine/engine.ts';
import { dataType, type GraphModel } from '../onnx/model.ts';
import { encodeModel } from '../onnx/wire.ts';
import type { Range } from './affine.ts';
import { Histogram } from './ranges.ts';
import type { Pictures } from './pictures.ts';

/** Of one channel: [N, C, …]; of a matrix, each column. */
export interface ChannelFigures {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly mean: Float64Array;
}

export interface Observed {
  readonly engine: Engine;
  readonly model: GraphModel;
  readonly pictures: Pictures;
  readonly signal?: AbortSignal | undefined;
}

/** One figure for each channel of each tensor. */
export async function channelFigures(
  observed: Observed,
  tensors: readonly string[],
): Promise<ReadonlyMap<string, ChannelFigures>> {
  const { pictures } = observed;
  const figures = new Map<string, ChannelFigures>();
  await eachTensor(observed, tensors, (name, data, dims) => {
    const channels = dims[1] ?? 1;
    const inner = data.length / channels;
    let channel = figures.get(name);
    if (channel === undefined) {
      const filled = (value: number) => new Float64Array(channels).fill(value);
      figures.set(name, (channel = { low: filled(Infinity), high: filled(-Infinity), mean: filled(0) }));
    }
    for (let c = 0; c < channels; c++) {
      let [low, high, sum] = [channel.low[c] ?? 0, channel.high[c] ?? 0, 0];
      for (let i = c * inner; i < (c + 1) * inner; i++) {
        const value = data[i] ?? 0;
        if (value < low) low = value;
        if (value > high) high = value;
        sum += value;
      }
      channel.low[c] = low;
      channel.high[c] = high;
      channel.mean[c] = (channel.mean[c] ?? 0) + sum / inner / pictures.length;
    }
  });
  return figures;
}

export async function histograms(
  observed: Observed,
  ranges: ReadonlyMap<string, Range>,
): Promise<ReadonlyMap<string, Histogram>> {
  const all = new Map([...ranges].map(([name, range]) => [name, new Histogram(range)]));
  await eachTensor(observed, [...ranges.keys()], (name, data) => all.get(name)?.add(data));
  return all;
}

/** The range of a whole tensor. */
export function wholeRange({ low, high }: Pick<ChannelFigures, 'low' | 'high'>): Range {
  return { low: Math.min(...low), high: Math.max(...high) };
}

async function eachTensor(
  { engine, model, pictures, signal }: Observed,
  tensors: readonly string[],
  see: (name: string, data: Float32Array, dims: readonly number[]) => void,
): Promise<void> {
  const [input] = model.inputs;
  if (input === undefined) throw new Error('a graph that is observed must have an input');
  const made = tensors.filter((name) => name !== input.name);
  const outputs = made.map((name) => ({ name, dataType: dataType.float, dims: [] }));
  const graph = await engine.load(encodeModel({ ...model, outputs }));
  try {
    for (let i = 0; i < pictures.length; i++) {
      signal?.throwIfAborted();
      const data = await pictures.read(i);
      const dims = [1, ...input.dims.slice(1).map(Number)];
      if (tensors.includes(input.name)) see(input.name, data, dims);
      const result = await graph.run({ [input.name]: { data, dims } });
      for (const name of made) {
        const tensor = result.outputs[name];
        if (tensor) see(name, tensor.data as Float32Array, tensor.dims);
      }
    }
  } finally {
    await graph.release();
  }
}
