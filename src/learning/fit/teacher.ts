/** What another front end makes of the frames, for the one that is fitted to match. */
import { foldableWeights } from '../../autodiff/foldable.ts';
import type { Engine, Tensors } from '../../engine/engine.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { encodeModel } from '../../onnx/wire.ts';
import { allOf, type FrameSet } from '../data/frame-set.ts';
import { RecordFile } from '../data/record-file.ts';
import type { Teacher } from '../loss/match.ts';
import { FrameRuns, inParts } from '../statistics/frame-runs.ts';
import { joinedGraph, type JoinedGraphOptions } from '../statistics/joined-graph.ts';

export interface TeacherOptions extends JoinedGraphOptions {
  readonly engine: Engine;
  readonly frames: Pick<FrameSet, 'grid' | 'read' | 'length'>;
  readonly weights: AdapterWeights;
}

export interface LoadedTeacher extends AsyncDisposable {
  readonly teach: Teacher;
}

/** Runs the teacher for each batch anew: as many frames as one likes. */
export async function askedTeacher(options: TeacherOptions): Promise<LoadedTeacher> {
  const runs = await teacherRuns(options);
  return {
    teach: async (indices) => {
      const [outputs = {}] = await runs.each([indices]);
      return outputs;
    },
    [Symbol.asyncDispose]: () => runs[Symbol.asyncDispose](),
  };
}

/** Runs it once for each frame and keeps the one tensor on disk: for few frames that come again and again. */
export async function rememberedTeacher(options: TeacherOptions): Promise<LoadedTeacher> {
  const { engine, frames, batch, tensors } = options;
  const [tensor] = tensors;
  if (tensor === undefined || tensors.length > 1) throw new Error('one tensor is remembered');
  await using runs = await teacherRuns(options);
  let records: RecordFile | undefined;
  let dims: readonly number[] = [];
  try {
    for (const some of inParts(allOf(frames), batch * engine.report.parallelRuns)) {
      const parts = inParts(some, batch);
      for (const [i, answer] of (await runs.each(parts)).entries()) {
        const { data, dims: whole = [] } = answer[tensor] ?? {};
        if (!(data instanceof Float32Array)) throw new Error(`the graph must have the output ${tensor}`);
        dims = whole.slice(1);
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        const frameBytes = bytes.length / batch;
        records ??= await RecordFile.create(frameBytes);
        for (const place of (parts[i] ?? []).keys()) {
          await records.append(bytes.subarray(place * frameBytes, (place + 1) * frameBytes));
        }
      }
    }
  } catch (error) {
    await records?.[Symbol.asyncDispose]();
    throw error;
  }
  return {
    teach: (indices) => recalled(records, tensor, dims, indices),
    [Symbol.asyncDispose]: async () => records?.[Symbol.asyncDispose](),
  };
}

/** The teacher on a few frames at a time; `each`: the outputs for each part. */
async function teacherRuns(options: TeacherOptions) {
  const { engine, frames, weights } = options;
  const graph = await engine.load(encodeModel(foldableWeights(joinedGraph(options))));
  const runs = new FrameRuns(options);
  return {
    each: (parts: readonly (readonly number[])[]) => runs.each(parts, { graph, frames, weights }),
    [Symbol.asyncDispose]: () => graph.release(),
  };
}

async function recalled(
  records: RecordFile | undefined,
  tensor: string,
  dims: readonly number[],
  indices: readonly number[],
): Promise<Tensors> {
  if (records === undefined) throw new Error('the teacher has no frames');
  const bytes = new Uint8Array(records.recordBytes * indices.length);
  for (const [place, index] of indices.entries()) {
    const start = place * records.recordBytes;
    await records.read(index, bytes.subarray(start, start + records.recordBytes));
  }
  return { [tensor]: { data: new Float32Array(bytes.buffer), dims: [indices.length, ...dims] } };
}
