/** A bundle that computes in int8, made of one that does in float. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomic } from '../domain/atomic-write.ts';
import { ConfigurationError } from '../domain/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { loadBundle, modelDigest, type Bundle } from '../model/bundle.ts';
import type { Card } from '../model/card.ts';
import { goldenInput } from '../model/verify-bundle.ts';
import { decodeModel } from '../onnx/wire.ts';
import { accuracy, agreement, answersOf } from './answers.ts';
import { floatWeights } from './float-weights.ts';
import type { PictureParts } from './pictures.ts';
import { quantise, type Quantised } from './quantise.ts';
import { isWeighted, stepsOf } from './steps.ts';

export interface Int8Options {
  readonly base: Bundle;
  readonly name: string;
  /** The bundle's; it must not be there yet. */
  readonly directory: string;
  readonly parts: PictureParts;
  /** What the pictures are called on the card. */
  readonly data: string;
  readonly engine: Engine;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (text: string) => void;
}

export interface Int8Bundle {
  readonly bundle: Bundle;
  /** Of the fastest run with one picture. */
  readonly milliseconds: { readonly float: number; readonly int8: number };
}

/** Throws a `ConfigurationError` for a bundle of which int8 can compute nothing, and one that does already. */
export async function makeInt8Bundle(options: Int8Options): Promise<Int8Bundle> {
  const { base, engine, parts, signal, onProgress } = options;
  const model = floatWeights(decodeModel(await readFile(base.modelPath)));
  const problem = problemOf(base, model);
  if (problem !== undefined) throw new ConfigurationError(problem);
  const quantised = await quantise(model, { engine, card: base.card, parts, signal, onProgress });
  onProgress(`the test on ${parts.test.length} pictures`);
  const on = { pictures: parts.test, signal };
  const float = await answersOf(engine, base.modelPath, base.card, on);
  const int8 = await answersOf(engine, quantised.bytes, base.card, on);
  const { labels } = parts;
  const figures = {
    agreement: agreement(base.card, float, int8),
    ...(labels && { accuracy: accuracy(base.card, int8, labels), accuracyBefore: accuracy(base.card, float, labels) }),
  };
  const card = { ...cardOf(options, quantised, figures), ...(await goldenOf(options, quantised.bytes)) };
  signal?.throwIfAborted();
  const bundle = await written(options.directory, card, quantised.bytes);
  return { bundle, milliseconds: { float: float.milliseconds, int8: int8.milliseconds } };
}

function problemOf({ card }: Bundle, model: ReturnType<typeof floatWeights>): string | undefined {
  if (card.int8 !== undefined || model.nodes.some(({ opType }) => opType === 'QuantizeLinear')) {
    return `the bundle ${card.name} must compute in float, it computes in int8 already; give the one that it was made of${card.int8 ? ` (${card.int8.from.name})` : ''}`;
  }
  if (model.opset < 13) return `the graph of ${card.name} must be of opset 13 or newer, it is of ${model.opset}`;
  if (stepsOf(model).some(isWeighted)) return undefined;
  return `the graph of ${card.name} must have a Conv or Gemm with constant weights, it has none`;
}

interface Figures {
  readonly agreement: number;
  readonly accuracy?: number;
  readonly accuracyBefore?: number;
}

function cardOf(
  { base, name, parts, data }: Int8Options,
  { bytes, method, floatLayers }: Quantised,
  figures: Figures,
): Card {
  const { card } = base;
  const { fit, kernel } = card.resize;
  const images = parts.test.length;
  const resize = `${kernel} to ${card.input.width}×${card.input.height}, ${fit === 'crop' ? 'cropped' : 'stretched'}`;
  const value = figures.accuracy;
  return {
    ...card,
    name,
    title: `${card.title}; in int8`,
    model: {
      ...card.model,
      file: 'model.onnx',
      digest: modelDigest(bytes),
      storage: `weights int8 per output channel, activations uint8; ${floatLayers.length} layers float32`,
    },
    // What was measured of the float bundle is not true of this one.
    accuracy: value === undefined ? [] : [{ data: `${data}, used for nothing else`, images, value, resize }],
    int8: {
      from: { name: card.name, digest: card.model.digest },
      ranges: method,
      pictures: { calibration: parts.calibration.length, choice: parts.choice.length },
      floatLayers: [...floatLayers],
      agreement: { images, value: figures.agreement },
      ...(figures.accuracyBefore !== undefined && { accuracyBefore: figures.accuracyBefore }),
    },
  };
}

/**
 * The tolerance is half of what int8 itself changes of the golden answers: what lies next to the middle of two steps is
 * rounded the other way by a processor that computes the layers in float differently, and by one without int8.
 */
async function goldenOf({ base, engine }: Int8Options, bytes: Uint8Array) {
  const { card, modelPath } = base;
  const inputs = card.golden.map(({ input }) => input);
  const length = 3 * card.input.height * card.input.width;
  const pictures = {
    length: inputs.length,
    read: (index: number) => Promise.resolve(goldenInput(inputs[index] ?? 'lcg', length)),
  };
  const before = await answersOf(engine, modelPath, card, { pictures });
  const after = await answersOf(engine, bytes, card, { pictures });
  const golden = inputs.map((input, i) => ({
    input,
    logits: Array.from((after.logits[i] ?? new Float32Array()).slice(0, 16), (value) => Number(value.toPrecision(7))),
  }));
  const changes = golden.flatMap(({ logits }, i) =>
    logits.map((value, k) => Math.abs(value - (before.logits[i]?.[k] ?? NaN)) / Math.max(1, Math.abs(value))),
  );
  return { golden, goldenTolerance: Number((0.5 * Math.max(0.02, ...changes)).toPrecision(3)) };
}

/** Beside its place first: a directory is there whole, or not at all. */
async function written(directory: string, card: Card, model: Uint8Array): Promise<Bundle> {
  await mkdir(dirname(directory), { recursive: true });
  const temporary = join(dirname(directory), `.${basename(directory)}.${randomBytes(6).toString('hex')}.tmp`);
  await mkdir(temporary);
  try {
    await writeFileAtomic(join(temporary, card.model.file), model);
    await writeFileAtomic(join(temporary, 'card.json'), `${JSON.stringify(card, null, 1)}\n`);
    await rename(temporary, directory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  return loadBundle(directory);
}
