/** One fit by the functions that `edge-cls adapt` calls, as a row. */
import { rm } from 'node:fs/promises';
import { systemClock } from '../../src/domain/clock.ts';
import type { FrameSet } from '../../src/learning/data/frame-set.ts';
import { adapt, type AdaptOptions } from '../../src/learning/fit/adapt.ts';
import { FitDirectory } from '../../src/learning/fit/fit-directory.ts';
import type { Evidence } from '../../src/learning/gate/evidence.ts';
import { usualLengths, usualSettings } from '../../src/learning/fit/usual-settings.ts';
import {
  adapterTensorNames,
  adapterTensors,
  fromTensors,
  toTensors,
  type AdapterWeights,
} from '../../src/model/adapter.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { geometryKey, type Geometry } from '../../src/model/geometry.ts';
import type { Workshop } from './workshop.ts';

/** The four tensors, base64. */
export type StoredWeights = Readonly<Record<string, string>>;

export interface CandidateRow extends Pick<Evidence, 'distance' | 'meanConfidence' | 'classRates'> {
  readonly name: string;
  readonly passed: boolean;
  readonly weights: StoredWeights;
}

export interface FitRow {
  readonly adopted: string | null;
  readonly reason: string;
  readonly candidates: readonly CandidateRow[];
  readonly seconds: number;
  readonly framesPerSecond: readonly number[];
  readonly peakMebibytes: number;
}

export interface FitOptions extends Partial<
  Pick<AdaptOptions, 'target' | 'targetKind' | 'expectedRates' | 'init' | 'settings'>
> {
  readonly photographs?: FrameSet;
  readonly name: string;
  readonly frames: FrameSet;
  readonly geometry: Geometry;
  readonly stages: AdaptOptions['stages'];
  readonly seed: number;
  readonly budgetSeconds?: number;
}

/** Restores with the pictures that ship, as `adapt` does, where no others are given. */
export async function fitRow(workshop: Workshop, options: FitOptions): Promise<FitRow> {
  const { bundle, engine, sizes } = workshop;
  const { name, frames, geometry, seed, stages, budgetSeconds = sizes.budgetSeconds } = options;
  const { statistics, resize } = bundle.card;
  const reference = closedForm(geometry, resize.kernel).weights;
  const path = workshop.path(`${name}.fit`);
  const directory = await FitDirectory.open(path, `${name} ${geometryKey(geometry)} ${frames.fingerprint}`);
  const target = options.target ?? statistics;
  await using shipped =
    stages.includes('restore') && options.photographs === undefined
      ? await workshop.undamaged(geometry.grid, target)
      : undefined;
  const photographs = options.photographs ?? shipped;
  const startedAt = performance.now();
  const {
    adopted,
    reason,
    candidates,
    stages: ran,
  } = await adapt({
    ...{ engine, bundle, geometry, frames, reference, clock: systemClock, previous: reference, stages, directory },
    ...{ budgetSeconds, force: false, init: options.init, expectedRates: options.expectedRates },
    photographs: photographs && (() => Promise.resolve(photographs)),
    target,
    targetKind: options.targetKind ?? (frames.labels === undefined ? 'card' : 'labels'),
    settings: options.settings ?? { ...usualSettings, seed },
    lengths: options.settings ? undefined : usualLengths,
  });
  await rm(path, { recursive: true, force: true });
  return {
    adopted: adopted?.name ?? null,
    reason,
    candidates: candidates.map((one) => ({
      name: one.name,
      passed: one.verdict.adopted,
      distance: one.evidence.distance,
      meanConfidence: one.evidence.meanConfidence,
      classRates: one.evidence.classRates,
      weights: stored(one.weights),
    })),
    seconds: (performance.now() - startedAt) / 1000,
    framesPerSecond: ran.map((stage) => stage.framesPerSecond),
    peakMebibytes: process.resourceUsage().maxRSS / 1024,
  };
}

/** The weights that are in use after the fit; undefined: the closed form stays. */
export function adoptedWeights({ adopted, candidates }: FitRow): AdapterWeights | undefined {
  const found = adopted === null ? undefined : candidates.find(({ name }) => name === adopted);
  return found && restored(found.weights);
}

export function stored(weights: AdapterWeights): StoredWeights {
  const tensors = toTensors(weights);
  return Object.fromEntries(
    adapterTensorNames.map((name) => {
      const { buffer, byteOffset, byteLength } = tensors[name]?.data ?? new Float32Array();
      return [name, Buffer.from(buffer, byteOffset, byteLength).toString('base64')];
    }),
  );
}

export function restored(weights: StoredWeights): AdapterWeights {
  return fromTensors(
    Object.fromEntries(
      adapterTensorNames.map((name) => {
        const bytes = Uint8Array.from(Buffer.from(weights[name] ?? '', 'base64'));
        return [name, { data: new Float32Array(bytes.buffer), dims: adapterTensors[name].dims }];
      }),
    ),
  );
}
