/**
 * The thread on which the sessions of one device live. `session.run` blocks its thread for the
 * whole inference although it returns a promise (microsoft/onnxruntime#32346), so the main
 * thread calls it only to see whether a device is there (`devices.ts`), before anything runs.
 */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData, type Transferable } from 'node:worker_threads';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Tensor, TensorData, Tensors } from '../engine.ts';
import type { Answer, Request, WorkerSettings } from './protocol.ts';
import { quantisesActivations } from '../../onnx/wire.ts';
import { sessionOptions } from './session-options.ts';

const settings = workerData as WorkerSettings;
if (parentPort === null) throw new Error('this module is the entry of a worker thread');
const port = parentPort;
const sessions = new Map<number, InferenceSession>();
let nextGraph = 0;

async function answer(request: Request): Promise<Answer> {
  const { id } = request;
  switch (request.kind) {
    case 'load': {
      const session = await created(request.model);
      const graph = nextGraph++;
      sessions.set(graph, session);
      return { kind: 'loaded', id, graph, inputNames: session.inputNames, outputNames: session.outputNames };
    }
    case 'run': {
      const session = sessions.get(request.graph);
      if (session === undefined) throw new Error('the graph has been released');
      const feeds = Object.fromEntries(Object.entries(request.feeds).map(([name, tensor]) => [name, toOrt(tensor)]));
      const { into } = request;
      const fetches = Object.fromEntries(request.fetches.map((name) => [name, into[name] ? toOrt(into[name]) : null]));
      const started = performance.now();
      const results = await session.run(feeds, fetches);
      const milliseconds = performance.now() - started;
      const outputs = Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, into[name] ?? fromOrt(tensor)]),
      );
      return { kind: 'ran', id, outputs, feeds: handedBack(request), milliseconds };
    }
    case 'release': {
      await sessions.get(request.graph)?.release();
      sessions.delete(request.graph);
      return { kind: 'released', id };
    }
    case 'close': {
      for (const session of sessions.values()) await session.release();
      sessions.clear();
      return { kind: 'closed', id };
    }
  }
}

async function created(model: string | Uint8Array): Promise<InferenceSession> {
  const bytes = typeof model === 'string' ? await readFile(model) : model;
  return InferenceSession.create(bytes, sessionOptions(settings, { integers: quantisesActivations(bytes) }));
}

function handedBack(request: Request): Tensors {
  if (request.kind !== 'run') return {};
  return Object.fromEntries(Object.entries(request.feeds).filter(([name]) => request.handBack.includes(name)));
}

function toOrt({ data, dims }: Tensor): OrtTensor {
  if (data instanceof Uint8Array) return new OrtTensor('uint8', data, dims);
  if (data instanceof Float32Array) return new OrtTensor('float32', data, dims);
  return new OrtTensor('int64', data, dims);
}

/** Copies: onnxruntime's output memory belongs to a native tensor and cannot be transferred. */
function fromOrt({ data, dims }: OrtTensor): Tensor {
  return { data: (data as TensorData).slice(), dims: [...dims] };
}

function transferables(message: Answer): Transferable[] {
  const tensors = [
    ...(message.kind === 'ran' ? Object.values(message.outputs) : []),
    ...('feeds' in message ? Object.values(message.feeds) : []),
  ];
  return [...new Set(tensors.map(({ data }) => data.buffer))];
}

async function handle(request: Request): Promise<void> {
  const message = await answer(request).catch((error: unknown): Answer => {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', id: request.id, message: reason, feeds: handedBack(request) };
  });
  port.postMessage(message, transferables(message));
  if (message.kind === 'closed') port.close();
}

/** In their order: onnxruntime begins a run later than it is asked to, and the graph must not be released before. */
let handled = Promise.resolve();
port.on('message', (request: Request) => {
  handled = handled.then(() => handle(request));
});
