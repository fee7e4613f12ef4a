/** Adapters on disk: `.safetensors` files that other tools read as well. */
import { z } from 'zod';
import { writeFileAtomic } from '../domain/atomic-write.ts';
import { ConfigurationError } from '../domain/errors.ts';
import { readSmallFile } from '../domain/small-file.ts';
import { adapterTensorNames, assertUsable, fromTensors, toTensors, type AdapterWeights } from './adapter.ts';
import { assertSees } from './adapter-sight.ts';
import { geometryKey, type Geometry } from './geometry.ts';
import { geometrySchema } from './geometry-schema.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

export interface Adapter {
  readonly weights: AdapterWeights;
  /** `sha256:…` of the bundle's graph that it belongs to. */
  readonly bundleDigest: string;
  readonly geometry: Geometry;
  /** How it was fitted, on what, with which figures before and after: anything that JSON holds. */
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** What an adapter must be made for. */
export interface AdapterTarget {
  readonly bundleDigest: string;
  readonly geometry: Geometry;
}

const format = 'edge-cls-adapter/1';

/**
 * Writes an adapter; a crash leaves the old file or the new one.
 *
 * Throws where the weights have the wrong lengths, are no finite numbers, or see nothing: such an
 * adapter must not reach the disk.
 */
export async function writeAdapter(path: string, adapter: Adapter): Promise<void> {
  await writeFileAtomic(path, encodeAdapter(adapter));
}

/** The bytes of the file; equal adapters have equal bytes. Throws as `writeAdapter` does. */
export function encodeAdapter(adapter: Adapter): Uint8Array {
  assertUsable(adapter.weights);
  assertSees(adapter.weights);
  const metadata = {
    format,
    bundle_digest: adapter.bundleDigest,
    geometry: JSON.stringify(adapter.geometry),
    provenance: JSON.stringify(adapter.provenance),
  };
  return encodeSafetensors({ tensors: toTensors(adapter.weights), metadata });
}

/**
 * Reads an adapter, and where `expected` is given makes sure that it was made for that.
 *
 * Throws a `ConfigurationError` that names the file and the fault: not there, cut off, other
 * tensors, another shape or element type, NaN or infinity, values that see nothing, another bundle
 * or geometry.
 */
export async function readAdapter(path: string, expected?: AdapterTarget): Promise<Adapter> {
  const adapter = await decoded(path);
  if (expected !== undefined) assertMadeFor(path, adapter, expected);
  return adapter;
}

async function decoded(path: string): Promise<Adapter> {
  let bytes: Uint8Array;
  try {
    bytes = await readSmallFile(path);
  } catch (error) {
    throw new ConfigurationError(`the adapter ${path} cannot be read: ${reason(error)}`, { cause: error });
  }
  try {
    return decodeAdapter(bytes);
  } catch (error) {
    throw new ConfigurationError(`the adapter ${path} cannot be used: ${reason(error)}; fit it again`, {
      cause: error,
    });
  }
}

function decodeAdapter(bytes: Uint8Array): Adapter {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const strange = Object.keys(tensors).find((name) => !(adapterTensorNames as readonly string[]).includes(name));
  if (strange !== undefined) throw new Error(`it holds a tensor ${strange}, which no adapter has`);
  const weights = fromTensors(tensors);
  assertSees(weights);
  if (metadata['format'] !== format) {
    throw new Error(`its format must be ${format}, it is ${metadata['format'] ?? 'not stated'}`);
  }
  return {
    weights,
    bundleDigest: parsed(z.string().regex(/^sha256:[0-9a-f]{64}$/), 'bundle_digest', metadata['bundle_digest']),
    geometry: parsed(geometrySchema, 'geometry', json('geometry', metadata['geometry'])),
    provenance: parsed(z.record(z.string(), z.unknown()), 'provenance', json('provenance', metadata['provenance'])),
  };
}

function json(name: string, text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch (error) {
    throw new Error(`its metadata must hold ${name} as JSON`, { cause: error });
  }
}

function parsed<T>(schema: z.ZodType<T>, name: string, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new Error(
      `its metadata has no valid ${name} (${result.error.issues.map(({ message }) => message).join('; ')})`,
    );
  return result.data;
}

function assertMadeFor(path: string, adapter: Adapter, expected: AdapterTarget): void {
  const key = geometryKey(adapter.geometry);
  const wanted = geometryKey(expected.geometry);
  if (adapter.bundleDigest !== expected.bundleDigest) {
    throw new ConfigurationError(
      `the adapter ${path} must be made for the bundle ${expected.bundleDigest}, ` +
        `it was made for ${adapter.bundleDigest}; fit one for this bundle`,
    );
  }
  if (key !== wanted) {
    throw new ConfigurationError(
      `the adapter ${path} must be made for the geometry ${wanted}, it was made for ${key}; fit one for this geometry${otherView(key, wanted)}`,
    );
  }
}

/** Both see the same size, but not the same of the picture. */
function otherView(key: string, wanted: string): string {
  if (wanted.endsWith('-whole') && !key.endsWith('-whole')) return ', or write view: centre (--view centre)';
  return key.endsWith('-whole') && !wanted.endsWith('-whole') ? ', or write view: whole (--view whole)' : '';
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
