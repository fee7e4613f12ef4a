/** A float graph in int8: ranges measured, the method chosen, the most sensitive layers left in float. */
import type { Engine } from '../engine/engine.ts';
import type { Card } from '../model/card.ts';
import type { GraphModel } from '../onnx/model.ts';
import { encodeModel } from '../onnx/wire.ts';
import { affineOf, type Affine } from './affine.ts';
import { agreement, answersOf, signalToNoise, type Answers } from './answers.ts';
import { channelFigures, histograms, wholeRange } from './observe.ts';
import type { PictureParts, Pictures } from './pictures.ts';
import { qdqModel } from './qdq-model.ts';
import { rangeMethods, rangeOf, type RangeMethod } from './ranges.ts';
import { isWeighted, stepsOf } from './steps.ts';

/** Agreement on the pictures of choice at which no further layer is left in float. */
export const agreementGoal = 0.985;

export interface QuantiseOptions {
  readonly engine: Engine;
  readonly card: Card;
  readonly parts: Pick<PictureParts, 'calibration' | 'choice'>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress: (text: string) => void;
}

export interface Quantised {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly method: RangeMethod;
  readonly floatLayers: readonly string[];
}

type Make = (method: RangeMethod, float: readonly string[]) => Uint8Array<ArrayBuffer>;

/** `model`: its weights floats (`floatWeights`), with at least one layer that int8 can compute. */
export async function quantise(model: GraphModel, options: QuantiseOptions): Promise<Quantised> {
  const { engine, card, parts, signal, onProgress } = options;
  const layers = stepsOf(model)
    .filter(isWeighted)
    .map(({ output }) => output);
  onProgress('ranges');
  const make = await measured(model, options);
  const on = (pictures: Pictures) => async (graph: Uint8Array) => answersOf(engine, graph, card, { pictures, signal });
  const choice = on(parts.choice);
  const float = await choice(encodeModel(model));
  const method = await bestMethod(make, choice, float, onProgress);
  const few = { ...parts.choice, length: Math.min(32, parts.choice.length) };
  const ranked = await bySensitivity(layers, (kept) => make(method, kept), on(few), {
    float: { ...float, logits: float.logits.slice(0, few.length) },
    onProgress,
  });
  let best: { readonly float: readonly string[]; readonly agreement: number } | undefined;
  for (const count of floatCounts(layers.length)) {
    onProgress(`${count} layers in float`);
    const kept = ranked.slice(0, count);
    const agreed = agreement(card, float, await choice(make(method, kept)));
    if (best === undefined || agreed > best.agreement) best = { float: kept, agreement: agreed };
    if (agreed >= agreementGoal) break;
  }
  const floatLayers = best?.float ?? [];
  return { bytes: make(method, floatLayers), method, floatLayers };
}

/** Up to a quarter of the layers: with more of them int8 would no longer pay. */
export function floatCounts(layers: number): readonly number[] {
  return [0, 1, 2, 3, 4, 6, 8, 12, 16, 24].filter((count) => count <= layers / 4);
}

async function measured(model: GraphModel, { engine, parts, signal }: QuantiseOptions): Promise<Make> {
  const results = new Set(model.outputs.map(({ name }) => name));
  const all = stepsOf(model).flatMap(({ inputs, output }) => [...inputs, output]);
  const tensors = [...new Set(all)].filter((name) => !results.has(name));
  const observed = { engine, model, pictures: parts.calibration, signal };
  const figures = await channelFigures(observed, tensors);
  const ranges = new Map([...figures].map(([name, channel]) => [name, wholeRange(channel)]));
  const distributions = await histograms(observed, ranges);
  const affines = new Map<RangeMethod, ReadonlyMap<string, Affine>>(
    rangeMethods.map((method) => [
      method,
      new Map([...distributions].map(([name, histogram]) => [name, affineOf(rangeOf(histogram, method))])),
    ]),
  );
  return (method, float) => {
    const affine = (tensor: string) => {
      const known = affines.get(method)?.get(tensor);
      if (known === undefined) throw new Error(`the tensor ${tensor} has no range`);
      return known;
    };
    const means = (tensor: string) => figures.get(tensor)?.mean;
    return encodeModel(qdqModel(model, { affine, means, float: new Set(float) }));
  };
}

async function bestMethod(
  make: Make,
  answers: (graph: Uint8Array) => Promise<Answers>,
  float: Answers,
  onProgress: (text: string) => void,
): Promise<RangeMethod> {
  let best: { readonly method: RangeMethod; readonly ratio: number } = { method: 'min-max', ratio: -Infinity };
  for (const method of rangeMethods) {
    onProgress(`ranges by ${method}`);
    const ratio = signalToNoise(float, await answers(make(method, [])));
    if (ratio > best.ratio) best = { method, ratio };
  }
  return best.method;
}

/** The layers, first the one that does most harm when it alone is in int8. */
async function bySensitivity(
  layers: readonly string[],
  make: (float: readonly string[]) => Uint8Array,
  answers: (graph: Uint8Array) => Promise<Answers>,
  { float, onProgress }: { readonly float: Answers; readonly onProgress: (text: string) => void },
): Promise<readonly string[]> {
  const ratios = new Map<string, number>();
  for (const [i, layer] of layers.entries()) {
    onProgress(`layer ${i + 1} of ${layers.length} alone in int8`);
    const others = layers.filter((other) => other !== layer);
    ratios.set(layer, signalToNoise(float, await answers(make(others))));
  }
  return layers.toSorted((a, b) => (ratios.get(a) ?? 0) - (ratios.get(b) ?? 0));
}
