/** Where a fit stands, on disk: a process that is killed goes on from the last one and ends with the same adapter. */
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import type { Tensors } from '../../engine/engine.ts';
import { adapterTensorNames, adapterTensors, fromTensors, toTensors } from '../../model/adapter.ts';
import { decodeSafetensors, encodeSafetensors } from '../../model/safetensors.ts';
import type { FitState } from './fit.ts';

/** Writes the state of a fit; `key` names all that decides its course. */
export async function writeCheckpoint(
  path: string,
  key: string,
  { step, weights, optimizer }: FitState,
): Promise<void> {
  const moment = (prefix: string, arrays: readonly Float32Array<ArrayBuffer>[]): Tensors =>
    Object.fromEntries(
      adapterTensorNames.map((name, i) => [
        `${prefix}/${name}`,
        { data: arrays[i] ?? new Float32Array(0), dims: adapterTensors[name].dims },
      ]),
    );
  const tensors = { ...toTensors(weights), ...moment('mean', optimizer.mean), ...moment('square', optimizer.square) };
  const metadata = { key, step: String(step), count: String(optimizer.count) };
  await writeFileAtomic(path, encodeSafetensors({ tensors, metadata }));
}

/** The state that was written under the same key; undefined where there is none, or it cannot be read. */
export async function readCheckpoint(path: string, key: string): Promise<FitState | undefined> {
  try {
    const { tensors, metadata } = decodeSafetensors(await readFile(path));
    if (metadata['key'] !== key) return undefined;
    const moment = (prefix: string) =>
      adapterTensorNames.map((name) => tensors[`${prefix}/${name}`]?.data as Float32Array<ArrayBuffer>);
    return {
      step: Number(metadata['step']),
      weights: fromTensors(tensors),
      optimizer: { count: Number(metadata['count']), mean: moment('mean'), square: moment('square') },
    };
  } catch {
    return undefined;
  }
}
