import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/domain/clock.ts';
import { fineTune, type FineTuned, type FineTuneOptions } from '../../../src/learning/head/fine-tune.ts';
import { writeBundle } from '../../../src/learning/head/new-bundle.ts';
import { cutTail, type Tail } from '../../../src/learning/head/tail.ts';
import { trainHead, type HeadMaterial, type TrainedHead } from '../../../src/learning/head/train-head.ts';
import { decodeModel } from '../../../src/onnx/wire.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { blindClassifier, smallMaterial } from './small-material.ts';

const options: FineTuneOptions = { epochs: 20, batch: 12, learningRate: 0.02, patience: 20, clock: systemClock };

const directory = temporaryDirectory();
let material: HeadMaterial;
let head: TrainedHead;
let tail: Tail;
let alone: FineTuned;

beforeAll(async () => {
  material = await smallMaterial(directory.path, blindClassifier());
  head = await trainHead(material, { ...options, learningRate: 0.05 });
  tail = cutTail(material.backbone, material.options.bundle.card, 1);
  alone = await fineTune(material, head, tail, options);
  await alone.forget();
});
afterAll(directory.remove);

describe('fineTune', () => {
  it('should lower the validation loss where the head alone cannot', () => {
    expect(head.best.validation.loss).toBeGreaterThan(0.69);
    expect(alone.before.loss).toBeCloseTo(head.best.validation.loss, 5);
    expect(alone.taken).toBe(true);
    expect(alone.best.validation.loss).toBeLessThan(0.1);
  });

  it('should leave the parameters before the cut bit for bit, and measure the statistics behind it anew', async () => {
    const { labels, options: of, shape } = material;
    const { card, directory: written } = await writeBundle({
      ...{ directory: join(directory.path, 'made'), name: 'made', base: of.bundle, backbone: alone.backbone, shape },
      ...{ tuned: tail, parameters: alone.headParameters, labels, temperature: 1, statistics: alone.statistics },
      ...{ accuracy: [], engine: of.engine },
    });
    const constants = ({ initializers }: ReturnType<typeof decodeModel>) =>
      new Map(initializers.map(({ name, data }) => [name, data]));
    const [base, made] = [blindClassifier(), decodeModel(readFileSync(join(written, 'model.onnx')))].map(constants);
    for (const name of ['w1', 'b1']) expect(made!.get(name)).toEqual(base!.get(name));
    for (const name of ['w2', 'b2']) expect(made!.get(name)).not.toEqual(base!.get(name));
    const [first, second] = card.statistics.activations;
    expect(first).toEqual(material.statistics.activations[0]);
    // Blind, it was 0.5 everywhere.
    expect(material.statistics.activations[1]?.standardDeviation).toEqual([0, 0, 0, 0, 0]);
    expect(Math.max(...second!.standardDeviation)).toBeGreaterThan(0.01);
    expect(card.title).toContain('its last convolution fine-tuned');
  });

  it('should answer through the written graph as it did in training', async () => {
    const photographs = material.validationPhotographs;
    expect(await alone.classify(photographs)).toEqual(alone.validationLogits);
  });

  it('should come to the same weights when it was stopped in between, and train no epoch twice', async () => {
    const seen: number[] = [];
    const until = (last: number) => ({
      ...options,
      onEpoch: ({ epoch }: { epoch: number }) => {
        seen.push(epoch);
        if (epoch === last) throw new Error('killed');
      },
    });
    await expect(fineTune(material, head, tail, until(3))).rejects.toThrow('killed');
    await expect(fineTune(material, head, tail, until(7))).rejects.toThrow('killed');
    const resumed = await fineTune(material, head, tail, until(Infinity));
    expect(seen).toEqual([...Array(20).keys()]);
    expect(resumed.best.state.parameters).toEqual(alone.best.state.parameters);
    expect(resumed.epochs).toEqual(alone.epochs);
    await resumed.forget();
    expect((await readdir(material.options.cacheDirectory)).filter((name) => name.endsWith('.state'))).toEqual([]);
  });

  it('should not be taken where it makes photographs kept apart worse', async () => {
    const held = new Set(material.split.validation);
    const photographs = material.all.photographs.map((photograph, i) =>
      held.has(i) ? { ...photograph, label: 1 - photograph.label } : photograph,
    );
    const misleading = { ...material, all: { ...material.all, photographs } };
    const misled = await fineTune(misleading, head, tail, { ...options, learningRate: 0.003 });
    await misled.forget();
    expect(misled.taken).toBe(false);
    expect(misled.best.state.parameters.slice(0, 2)).toEqual(tail.values);
  });
});
