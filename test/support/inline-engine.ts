/** The engine port straight over onnxruntime-node, on the calling thread: small and good enough for tests. */
import * as ort from 'onnxruntime-node';
import type { Engine, Graph, Tensor, Tensors } from '../../src/engine/engine.ts';

export function inlineEngine(threads = 1): Engine {
  return {
    report: { device: 'cpu', name: 'inline', reason: 'a test', threads, parallelRuns: 1 },
    load: (model) => loadInline(model, threads),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function loadInline(model: string | Uint8Array, threads: number): Promise<Graph> {
  const options = { intraOpNumThreads: threads, logSeverityLevel: 4 } as const;
  const session =
    typeof model === 'string'
      ? await ort.InferenceSession.create(model, options)
      : await ort.InferenceSession.create(model, options);
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (feeds, { fetches = session.outputNames, into = {} } = {}) => {
      const start = performance.now();
      const targets: Record<string, ort.Tensor | null> = {};
      for (const name of fetches) targets[name] = into[name] ? toOrt(into[name]) : null;
      const results = await session.run(mapped(feeds, toOrt), targets);
      return { outputs: mapped(results, fromOrt), feeds, milliseconds: performance.now() - start };
    },
    release: () => session.release(),
  };
}

function mapped<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

function toOrt({ data, dims }: Tensor): ort.Tensor {
  return data instanceof Uint8Array ? new ort.Tensor('uint8', data, dims) : new ort.Tensor(data as Float32Array, dims);
}

function fromOrt({ data, dims }: ort.Tensor): Tensors[string] {
  return { data: data as Tensor['data'], dims };
}
