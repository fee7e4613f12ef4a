import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPhotographs } from '../../../src/learning/head/photographs.ts';
import { temporaryDirectory } from '../../support/videos.ts';

function folderWith(root: string, files: Readonly<Record<string, string>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

describe('readPhotographs', () => {
  it('should name classes after folders and take each content once', async () => {
    using folder = temporaryDirectory();
    const root = folderWith(folder.path, {
      'dog/1.jpg': 'a',
      'dog/deep/2.PNG': 'b',
      'dog/copy.jpg': 'a',
      'dog/notes.txt': 'not a picture',
      'cat/1.jpg': 'c',
      'cat/both.jpg': 'disputed',
      'dog/both.jpg': 'disputed',
      '.hidden/1.jpg': 'd',
    });
    const { labels, photographs, duplicates } = await readPhotographs(root);
    expect(labels).toEqual(['cat', 'dog']);
    expect(photographs.map(({ path, label }) => [path.slice(root.length + 1), label])).toEqual([
      ['cat/1.jpg', 0],
      ['dog/1.jpg', 1],
      ['dog/deep/2.PNG', 1],
    ]);
    expect(duplicates.map((path) => path.slice(root.length + 1))).toEqual([
      'cat/both.jpg',
      'dog/both.jpg',
      'dog/copy.jpg',
    ]);
  });

  it('should keep the order of the labels it is given', async () => {
    using folder = temporaryDirectory();
    const root = folderWith(folder.path, { 'a/1.jpg': '1', 'b/1.jpg': '2' });
    expect((await readPhotographs(root, ['b', 'a'])).photographs.map(({ label }) => label)).toEqual([0, 1]);
    await expect(readPhotographs(root, ['a', 'c'])).rejects.toThrow('classes a, c, it has a, b');
  });

  it('should say what is missing', async () => {
    using folder = temporaryDirectory();
    await expect(readPhotographs(join(folder.path, 'absent'))).rejects.toThrow('must be one that can be read');
    await expect(readPhotographs(folderWith(folder.path, { 'a/1.jpg': '1' }))).rejects.toThrow(
      'at least two classes, it has 1',
    );
    await expect(readPhotographs(folderWith(folder.path, { 'b/1.txt': '1' }))).rejects.toThrow('holds no jpg');
  });
});
