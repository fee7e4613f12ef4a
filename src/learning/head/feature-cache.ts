/** Numbers computed once for each photograph, kept on disk, so that a killed run goes on where it was. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../domain/atomic-write.ts';

export interface FeatureCache {
  /** The numbers of a photograph; undefined where they are not there, or damaged. */
  get(photographDigest: string): Promise<Float32Array<ArrayBuffer> | undefined>;
  put(photographDigest: string, values: Float32Array): Promise<void>;
}

const digestBytes = 32;
/** Of all keys together: the features of some million photographs, or the tensors at the cut of 35,000. */
const mostBytes = 8 * 2 ** 30;

/**
 * One file for each photograph: the float32 values, then their SHA-256.
 *
 * `key` is everything that the values depend on beside the photograph; each key has a directory of its own.
 * When it is opened, what was not used for longest goes until no more than `limit` bytes are there.
 */
export async function openFeatureCache(
  root: string,
  key: Readonly<Record<string, unknown>>,
  limit = mostBytes,
): Promise<FeatureCache> {
  const directory = join(root, createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 16));
  await mkdir(directory, { recursive: true });
  await trim(root, limit);
  const used = new Set<string>();
  const fileOf = (digest: string) => join(directory, `${digest}.f32`);
  return {
    async get(digest) {
      const bytes = await readFile(fileOf(digest)).catch(() => undefined);
      if (bytes === undefined || bytes.length < digestBytes || bytes.length % 4 !== 0) return undefined;
      const values = bytes.subarray(0, -digestBytes);
      if (!bytes.subarray(-digestBytes).equals(digestOf(values))) return undefined;
      if (!used.has(digest)) await touch(fileOf(digest));
      used.add(digest);
      return new Float32Array(new Uint8Array(values).buffer);
    },
    async put(digest, values) {
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
      await writeFileAtomic(fileOf(digest), Buffer.concat([bytes, digestOf(bytes)]));
    },
  };
}

/** The time of a file's last use is its modification time: few file systems keep that of reading. */
async function touch(path: string): Promise<void> {
  const now = new Date();
  // Another process may trim the same directory; a cache that cannot be written can still be read.
  await utimes(path, now, now).catch(() => undefined);
}

async function trim(root: string, limit: number): Promise<void> {
  const names = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.f32'));
  const files: { readonly path: string; readonly size: number; readonly usedMs: number }[] = [];
  for (const name of names) {
    const path = join(root, name);
    const status = await stat(path).catch(() => undefined);
    if (status) files.push({ path, size: status.size, usedMs: status.mtimeMs });
  }
  let bytes = files.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of files.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= limit) return;
    await rm(path, { force: true });
    bytes -= size;
  }
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
