import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigurationError } from '../../src/domain/errors.ts';
import { readSmallFile } from '../../src/domain/small-file.ts';
import { readAdapter } from '../../src/model/adapter-file.ts';
import { readToken } from '../../src/output/http/token.ts';
import { temporaryDirectory } from '../support/videos.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());
const pipe = join(directory.path, 'pipe');
execFileSync('mkfifo', [pipe]);
const large = join(directory.path, 'large');
writeFileSync(large, '');
truncateSync(large, 2 ** 30);

it('should give the bytes of a file', async () => {
  const path = join(directory.path, 'small');
  writeFileSync(path, 'abc');
  expect((await readSmallFile(path)).toString()).toBe('abc');
});

it.each([
  [pipe, 'is no regular file'],
  ['/dev/zero', 'is no regular file'],
  [directory.path, 'is a directory'],
  [large, 'is larger than 16 MiB'],
  [join(directory.path, 'none'), 'ENOENT'],
])('should refuse %s, wherever small files are read', async (path, why) => {
  await expect(readSmallFile(path)).rejects.toMatchObject({ code: why });
  for (const read of [() => loadConfig({ path }), () => readToken(path), () => readAdapter(path)]) {
    const error: unknown = await read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toContain(why);
    expect((error as Error).message).toContain(path);
  }
});
