import { createHash } from 'node:crypto';
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/domain/errors.ts';
import { adapterTensorNames, adapterTensors, parameterCount } from '../../src/model/adapter.ts';
import { readAdapter, writeAdapter, type Adapter } from '../../src/model/adapter-file.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/model/safetensors.ts';
import { geometryOf, randomAdapter } from '../support/front-end.ts';

/** Written by the safetensors package of Python: see make-resizes.py. */
const foreign = fileURLToPath(new URL('../fixtures/adapter.safetensors', import.meta.url));

const digest = `sha256:${createHash('sha256').update('a bundle').digest('hex')}`;
const geometry = geometryOf(150, 150, [1, 2], [1, 2], 'zero');
const adapter: Adapter = {
  weights: randomAdapter(1),
  bundleDigest: digest,
  geometry,
  provenance: { objective: 'closed-form', accuracy: { before: 0.5, after: 0.75 } },
};

let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'adapter-'));
  path = join(directory, 'camera.safetensors');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

it('has 528 parameters', () => {
  const lengths = adapterTensorNames.map((name) => adapterTensors[name].dims.reduce((a: number, b) => a * b, 1));
  expect(lengths).toEqual(adapterTensorNames.map((name) => adapterTensors[name].length));
  expect(lengths.reduce((a, b) => a + b)).toBe(parameterCount);
});

it('comes back as it was written, and leaves nothing else behind', async () => {
  await writeAdapter(path, { ...adapter, weights: randomAdapter(2) });
  await writeAdapter(path, adapter);
  expect(await readAdapter(path, { bundleDigest: digest, geometry })).toEqual(adapter);
  expect(await readdir(directory)).toEqual(['camera.safetensors']);
});

it('reads what the reference implementation writes', async () => {
  const { weights, provenance, geometry: stored } = await readAdapter(foreign);
  expect(weights.conv1Weight).toBeAllClose(
    Array.from({ length: 441 }, (_, i) => i / 1024),
    { rtol: 0, atol: 0 },
  );
  expect([...weights.conv1Bias]).toEqual([0.5, -0.25, 0.125]);
  expect(weights.conv2Weight).toBeAllClose(
    Array.from({ length: 81 }, (_, i) => -i / 64),
    { rtol: 0, atol: 0 },
  );
  expect([...weights.conv2Bias]).toEqual([1.5, 0, -2]);
  expect(stored.strides).toEqual({ x: [7, 1], y: [6, 2] });
  expect(provenance).toEqual({ fitted: 'by hand', accuracy: { before: 0.5, after: 0.75 } });
});

it('keeps the old file where the new one cannot be written', async () => {
  await writeAdapter(path, adapter);
  const bad = { ...randomAdapter(3), conv2Bias: Float32Array.of(0, NaN, 0) };
  await expect(writeAdapter(path, { ...adapter, weights: bad })).rejects.toThrow('conv2.bias must hold finite numbers');
  await expect(writeAdapter(join(directory, 'none', 'x'), adapter)).rejects.toThrow('ENOENT');
  expect(await readAdapter(path)).toEqual(adapter);
});

it.skipIf(process.getuid?.() === 0)('leaves nothing behind in a directory that is read-only', async () => {
  await chmod(directory, 0o500);
  await expect(writeAdapter(path, adapter)).rejects.toThrow('EACCES');
  await chmod(directory, 0o700);
  expect(await readdir(directory)).toEqual([]);
});

describe('is refused in one sentence', () => {
  type Header = Record<string, { dtype?: string; shape?: number[]; data_offsets?: number[] } & Record<string, string>>;

  /** The file with its header changed. */
  async function withHeader(change: (header: Header) => void): Promise<void> {
    await writeAdapter(path, adapter);
    const bytes = await readFile(path);
    const end = 8 + Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, end).toString()) as Header;
    change(header);
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    await writeFile(path, Buffer.concat([length, json, bytes.subarray(end)]));
  }

  async function withValue(value: number): Promise<void> {
    await writeAdapter(path, adapter);
    const bytes = await readFile(path);
    bytes.writeFloatLE(value, bytes.length - 4);
    await writeFile(path, bytes);
  }

  const metadata = (key: string, value: string) =>
    withHeader((header) => {
      header['__metadata__']![key] = value;
    });

  const cases: readonly (readonly [string, () => Promise<void>, RegExp])[] = [
    ['a file that is not there', () => Promise.resolve(), /cannot be read: ENOENT/],
    ['an empty file', () => writeFile(path, ''), /is cut off after 0 bytes/],
    [
      'bytes behind the data',
      async () => {
        await writeAdapter(path, adapter);
        await appendFile(path, 'more');
      },
      /4 bytes follow the data/,
    ],
    ['a text file', () => writeFile(path, 'hello, I am no adapter'), /is not a safetensors file/],
    ['NaN', () => withValue(NaN), /conv2.weight must hold finite numbers, value 80 is NaN/],
    ['infinity', () => withValue(-Infinity), /value 80 is -Infinity/],
    [
      'half precision',
      () => withHeader((header) => (header['conv1.bias']!.dtype = 'F16')),
      /conv1.bias must be float32 \(F32\), it is "F16"/,
    ],
    [
      'another shape of equal size',
      () => withHeader((header) => (header['conv1.weight']!.shape = [3, 3, 49])),
      /conv1.weight must have the shape \[3, 3, 7, 7\], it has \[3, 3, 49\]/,
    ],
    [
      'a shape that its bytes do not fill',
      () => withHeader((header) => (header['conv1.weight']!.shape = [3, 3, 7, 9])),
      /conv1.weight must hold 2268 bytes/,
    ],
    [
      'a tensor by another name',
      () =>
        withHeader((header) => {
          header['conv3.bias'] = header['conv1.bias']!;
          delete header['conv1.bias'];
        }),
      /tensor conv3.bias, which no adapter has/,
    ],
    ['another format', () => metadata('format', 'other/2'), /format must be edge-cls-adapter\/1, it is other\/2/],
    ['no digest', () => metadata('bundle_digest', 'abc'), /no valid bundle_digest/],
    ['a geometry that is not one', () => metadata('geometry', '{"mode":"native"}'), /no valid geometry/],
    ['a geometry that is not JSON', () => metadata('geometry', '{'), /must hold geometry as JSON/],
    [
      'a grid that is not the input times the strides',
      () => metadata('geometry', JSON.stringify({ ...geometry, grid: { width: 301, height: 300 } })),
      /the grid must be the input times the strides/,
    ],
  ];

  it.each(cases)('%s', async (_, prepare, message) => {
    await prepare();
    const error = await readAdapter(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(path);
  });

  it('for another bundle', async () => {
    await writeAdapter(path, adapter);
    const reading = readAdapter(path, { bundleDigest: `sha256:${'0'.repeat(64)}`, geometry });
    await expect(reading).rejects.toThrow(`must be made for the bundle sha256:${'0'.repeat(64)}`);
  });

  it.each([
    [geometryOf(150, 150, [1, 2], [2, 1], 'zero'), '300x300-1.2-2.1'],
    [geometryOf(150, 150, [1, 2], [1, 2], 'edge'), '300x300-1.2-1.2-edge'],
  ])('for another geometry', async (other, key) => {
    await writeAdapter(path, adapter);
    const reading = readAdapter(path, { bundleDigest: digest, geometry: other });
    await expect(reading).rejects.toThrow(`must be made for the geometry ${key}, it was made for 300x300-1.2-1.2`);
  });
});

describe('random damage', () => {
  const good = encodedAdapter();

  function encodedAdapter(): Uint8Array<ArrayBuffer> {
    const { weights } = closedForm(geometry, 'area');
    const tensors = Object.fromEntries(
      adapterTensorNames.map((name) => [
        name,
        { data: weights[adapterTensors[name].field], dims: adapterTensors[name].dims },
      ]),
    );
    const metadata = {
      format: 'edge-cls-adapter/1',
      bundle_digest: digest,
      geometry: JSON.stringify(geometry),
      provenance: '{}',
    };
    return encodeSafetensors({ tensors, metadata });
  }

  it('every cut is noticed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: good.length - 1 }), async (length) => {
        await writeFile(path, good.subarray(0, length));
        await expect(readAdapter(path)).rejects.toBeInstanceOf(ConfigurationError);
      }),
      { numRuns: 150 },
    );
  });

  it('flipped bytes give an adapter of 528 finite numbers, or one sentence', async () => {
    const flips = fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const bytes = good.slice();
        for (const [at, mask] of changes) bytes[at] = bytes[at]! ^ mask;
        await writeFile(path, bytes);
        const result = await readAdapter(path).catch((reason: unknown) => reason);
        if (result instanceof Error) {
          expect(result).toBeInstanceOf(ConfigurationError);
          expect(result.message).not.toContain('\n');
          return;
        }
        const { conv1Weight, conv1Bias, conv2Weight, conv2Bias } = (result as Adapter).weights;
        const values = [...conv1Weight, ...conv1Bias, ...conv2Weight, ...conv2Bias];
        expect(values).toHaveLength(parameterCount);
        expect(values.every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodeSafetensors(bytes)).toThrow(Error);
      }),
    );
  });
});
