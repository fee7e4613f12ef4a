import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readFittingDefault, writeFittingDefault } from '../../src/learning/fitting-defaults.ts';
import { temporaryDirectory } from '../support/videos.ts';

const key = { target: 'head', bundleDigest: `sha256:${'a'.repeat(64)}`, variant: 'gap' } as const;
const found = {
  ...{ learning_rate: 0.001, batch_size: 32, objective: 'val_accuracy', score: 0.98, algorithm: 'asha' },
  ...{ directory: '/somewhere', found_at: '2026-01-01T00:00:00.000Z' },
};

describe('fitting defaults', () => {
  it('should be kept for each bundle and variant, the last one found', async () => {
    using folder = temporaryDirectory();
    expect(await readFittingDefault(folder.path, key)).toBeUndefined();
    await writeFittingDefault(folder.path, key, found);
    await writeFittingDefault(folder.path, key, { ...found, learning_rate: 0.01 });
    expect(await readFittingDefault(folder.path, key)).toEqual({ ...found, learning_rate: 0.01 });
    expect(await readFittingDefault(folder.path, { ...key, variant: 'paper' })).toBeUndefined();
    expect(await readFittingDefault(folder.path, { ...key, bundleDigest: `sha256:${'b'.repeat(64)}` })).toBeUndefined();
  });

  it('should refuse what tune has not written', async () => {
    using folder = temporaryDirectory();
    const path = await writeFittingDefault(folder.path, key, found);
    writeFileSync(path, '{"learning_rate": -1}');
    await expect(readFittingDefault(folder.path, key)).rejects.toThrow('remove the file, or tune again');
  });
});
