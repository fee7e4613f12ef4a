import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/domain/errors.ts';
import { listBundles, loadBundle, shippedBundles } from '../../src/model/bundle.ts';
import { bundleGeometry } from '../../src/model/bundle-geometry.ts';
import type { Card } from '../../src/model/card.ts';
import { geometryKey } from '../../src/model/geometry.ts';
import { verifyBundle } from '../../src/model/verify-bundle.ts';
import { floats, int64s, node } from '../../src/onnx/build.ts';
import { dataType, type GraphModel } from '../../src/onnx/model.ts';
import { encodeModel } from '../../src/onnx/wire.ts';
import { inlineEngine } from '../support/inline-engine.ts';

let models: string;

beforeEach(async () => {
  models = await mkdtemp(join(tmpdir(), 'bundles-'));
});

afterEach(() => rm(models, { recursive: true, force: true }));

/** [N, 3, 4, 5] → the sum of each image, and as many further logits as asked for. */
function smallGraph(outputs: number): GraphModel {
  return {
    name: 'small',
    opset: 17,
    nodes: [node('Reshape', ['image', 'shape'], ['flat']), node('MatMul', ['flat', 'weights'], ['logits'])],
    initializers: [int64s('shape', [-1, 60]), floats('weights', new Float32Array(60 * outputs).fill(1), [60, outputs])],
    inputs: [{ name: 'image', dataType: dataType.float, dims: ['N', 3, 4, 5] }],
    outputs: [{ name: 'logits', dataType: dataType.float, dims: ['N', outputs] }],
  };
}

function smallCard(bytes: Uint8Array): Card {
  return {
    schema: 1,
    name: 'small',
    title: 'A test',
    model: {
      file: 'model.onnx',
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      parameters: 60,
      parametersStored: 60,
      storage: 'float32',
    },
    input: { name: 'image', width: 5, height: 4, layout: 'NCHW', colour: 'RGB', range: [0, 1] },
    resize: { fit: 'crop', kernel: 'triangle' },
    output: { name: 'logits', decision: 'binary', labels: ['no', 'yes'], positive: 'yes', temperature: 1 },
    accuracy: [],
    statistics: { images: null, activations: [] },
    golden: [{ input: 0.5, logits: [30] }],
    goldenTolerance: 0.001,
    licence: 'none',
  };
}

/** Writes a bundle, its card as `change` leaves it. */
async function write({ outputs = 1, change = (card: Card): unknown => card } = {}): Promise<void> {
  const bytes = encodeModel(smallGraph(outputs));
  await mkdir(join(models, 'small'), { recursive: true });
  await writeFile(join(models, 'small', 'model.onnx'), bytes);
  await writeFile(join(models, 'small', 'card.json'), JSON.stringify(change(smallCard(bytes))));
}

describe('the bundles that ship', () => {
  it('are listed', async () => {
    expect(await listBundles()).toEqual(['efficientnet-lite0-imagenet', 'inception-v3-cats-dogs']);
    expect(await listBundles([join(models, 'none'), models, shippedBundles, shippedBundles])).toHaveLength(2);
  });

  it.each(['efficientnet-lite0-imagenet', 'inception-v3-cats-dogs'])('%s passes its golden test', async (name) => {
    const bundle = await loadBundle(name);
    expect(bundle.card.name).toBe(name);
    const { cases, passed } = await verifyBundle(bundle, inlineEngine(2));
    expect(cases.map(({ input }) => input)).toEqual(['lcg', 0.5]);
    expect(Math.max(...cases.map(({ difference }) => difference))).toBeLessThan(1e-4);
    expect(passed).toBe(true);
  });

  it('see a camera as their cards say', async () => {
    const region = { width: 1920, height: 1080 };
    const [imagenet, pets] = await Promise.all((await listBundles()).map((name) => loadBundle(name)));
    const cropped = bundleGeometry(imagenet!.card, region, 'native');
    expect(geometryKey(cropped.geometry)).toBe('896x896-2.2-2.2-edge');
    expect(cropped.crop).toEqual({ x: 487, y: 67, width: 945, height: 945 });
    expect(geometryKey(bundleGeometry(pets!.card, region, 'native').geometry)).toBe('1800x1050-6.2-7.1');
    expect(geometryKey(bundleGeometry(pets!.card, region, 'staged').geometry)).toBe('300x300-1.2-1.2');
  });
});

it('is found by name and by path', async () => {
  await write();
  expect((await loadBundle('small', [shippedBundles, models])).directory).toBe(join(models, 'small'));
  expect((await loadBundle(join(models, 'small'), [])).card.title).toBe('A test');
});

describe('the golden test notices', () => {
  it('another answer', async () => {
    await write({ change: (card) => ({ ...card, golden: [{ input: 0.5, logits: [30.1] }] }) });
    const { passed, cases } = await verifyBundle(await loadBundle('small', [models]), inlineEngine());
    expect(passed).toBe(false);
    expect(cases[0]!.difference).toBeGreaterThan(0.003);
  });

  it('another class', async () => {
    const softmax = (card: Card) => ({
      ...card,
      output: { ...card.output, decision: 'softmax' },
      golden: [{ input: 0.5, logits: [30, 30], argmax: 1 }],
    });
    await write({ outputs: 2, change: softmax });
    expect((await verifyBundle(await loadBundle('small', [models]), inlineEngine())).passed).toBe(false);
  });

  it('more logits than there are', async () => {
    await write({ change: (card) => ({ ...card, golden: [{ input: 0.5, logits: [30, 30] }] }) });
    expect((await verifyBundle(await loadBundle('small', [models]), inlineEngine())).passed).toBe(false);
  });
});

describe('is refused in one sentence', () => {
  const output = (change: object) => write({ change: (card) => ({ ...card, output: { ...card.output, ...change } }) });
  const model = () => join(models, 'small', 'model.onnx');

  const cases: readonly (readonly [string, () => Promise<unknown>, RegExp])[] = [
    ['an unknown name', () => rm(join(models, 'small'), { recursive: true }), /no bundle "small" .* are: none$/],
    ['a card that is no JSON', () => writeFile(join(models, 'small', 'card.json'), '{'), /card.json must be JSON/],
    ['no graph', () => rm(model()), /has no readable model.onnx: ENOENT/],
    [
      'a damaged graph',
      async () => {
        const bytes = await readFile(model());
        bytes[bytes.length - 9]! ^= 1;
        await writeFile(model(), bytes);
      },
      /model.onnx is damaged or another file: its digest must be sha256:/,
    ],
    [
      'no ONNX',
      async () => {
        const bytes = Buffer.from('no graph');
        await writeFile(model(), bytes);
        await writeFile(join(models, 'small', 'card.json'), JSON.stringify(smallCard(bytes)));
      },
      /model.onnx must be an ONNX model/,
    ],
    [
      'another input size',
      () => write({ change: (card) => ({ ...card, input: { ...card.input, width: 6 } }) }),
      /input "image" of .* must be float32 \[N, 3, 4, 6\] as its card says, it is \[N, 3, 4, 5\]/,
    ],
    [
      'another input name',
      () => write({ change: (card) => ({ ...card, input: { ...card.input, name: 'x' } }) }),
      /must have the input "x" of its card, it has image/,
    ],
    ['another output name', () => output({ name: 'y' }), /must have the output "y" of its card, it has logits/],
    [
      'a missing label',
      () => write({ outputs: 3, change: (card) => ({ ...card, output: { ...card.output, decision: 'softmax' } }) }),
      /output "logits" of .* must be float32 \[N, 2\] as its card says, it is \[N, 3\]/,
    ],
    ['a label twice', () => output({ labels: ['no', 'no'], positive: 'no' }), /output: the label "no" is there twice/],
    ['a positive that is no label', () => output({ positive: 'maybe' }), /positive must be one of .* it was maybe/],
    ['three labels of a binary', () => output({ labels: ['no', 'yes', 'or'] }), /needs two labels, there are 3/],
    ['a temperature of 0', () => output({ temperature: 0 }), /output.temperature: /],
    [
      'too few rates',
      () => write({ change: (card) => ({ ...card, statistics: { ...card.statistics, labelRates: [1] } }) }),
      /statistics.labelRates: there must be a rate for each of the 2 labels, there are 1/,
    ],
    ['an unknown key', () => write({ change: (card) => ({ ...card, colour: 'red' }) }), /Unrecognized key: "colour"/],
    [
      'a file elsewhere',
      () => write({ change: (card) => ({ ...card, model: { ...card.model, file: '../model.onnx' } }) }),
      /model.file: /,
    ],
    [
      'a range that the front end cannot give',
      () => write({ change: (card) => ({ ...card, input: { ...card.input, range: [-1, 1] } }) }),
      /input.range.0: /,
    ],
  ];

  it.each(cases)('%s', async (_, damage, message) => {
    await write();
    await damage();
    const error = await loadBundle('small', [models]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('\n');
  });

  it.each(['', 'nothing', '..', './nowhere'])('the name "%s", with what there is', async (name) => {
    await write();
    await expect(loadBundle(name, [models])).rejects.toThrow(`no bundle "${name}"`);
    await expect(loadBundle(name, [models])).rejects.toThrow('available are: small');
  });
});
