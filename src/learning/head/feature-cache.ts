/** Numbers computed once for each photograph, kept on disk, so that a killed run goes on where it was. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../domain/atomic-write.ts';

export interface FeatureCache {
  /** The numbers of a photograph; undefined where they are not there, or damaged. */
  get(photographDigest: string): Promise<Float32Array<ArrayBuffer> | undefined>;
  put(photographDigest: string, values: Float32Array): Promise<void>;
}

const digestBytes = 32;

/**
 * One file for each photograph: the float32 values, then their SHA-256.
 *
 * `key` is everything that the values depend on beside the photograph; each key has a directory of its own.
 */
export async function openFeatureCache(root: string, key: Readonly<Record<string, unknown>>): Promise<FeatureCache> {
  const directory = join(root, createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16));
  await mkdir(directory, { recursive: true });
  const fileOf = (digest: string) => join(directory, `${digest}.f32`);
  return {
    async get(digest) {
      const bytes = await readFile(fileOf(digest)).catch(() => undefined);
      if (bytes === undefined || bytes.length < digestBytes || bytes.length % 4 !== 0) return undefined;
      const values = bytes.subarray(0, -digestBytes);
      if (!bytes.subarray(-digestBytes).equals(digestOf(values))) return undefined;
      return new Float32Array(new Uint8Array(values).buffer);
    },
    async put(digest, values) {
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
      await writeFileAtomic(fileOf(digest), Buffer.concat([bytes, digestOf(bytes)]));
    },
  };
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
