/** The user's photographs: a folder with one folder per class. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../../domain/errors.ts';
import { hasImageExtension } from '../../video/picture/image-codec.ts';

export interface Photograph {
  readonly path: string;
  /** Index into the labels. */
  readonly label: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly digest: string;
}

export interface LabelledPhotographs {
  readonly folder: string;
  /** Names of the folders, sorted. */
  readonly labels: readonly string[];
  /** By label, then by path. */
  readonly photographs: readonly Photograph[];
  /** Files left out because another one has the same content. */
  readonly duplicates: readonly string[];
}

/**
 * Photographs below `folder/LABEL/`, at any depth, each content once: a copy in the validation part of one in
 * the training part would be recognised, not classified. A content under two labels is left out under both.
 *
 * `labels`: the classes there must be, in their order; by default those that are there. Throws a `UserError`
 * for fewer than two classes, a class without photographs, and classes that are not `labels`.
 */
export async function readPhotographs(folder: string, labels?: readonly string[]): Promise<LabelledPhotographs> {
  const root = resolve(folder);
  const folders = await classFolders(root);
  if (labels !== undefined && labels.toSorted().join('\n') !== folders.join('\n')) {
    throw new UserError(
      `the folder ${root} must hold a folder for each of the classes ${labels.join(', ')}, it has ${folders.join(', ') || 'none'}`,
    );
  }
  const names = labels ?? folders;
  if (names.length < 2) {
    throw new UserError(
      `the folder ${root} must hold a folder of photographs for each of at least two classes, it has ${folders.length}`,
    );
  }
  const all: Photograph[] = [];
  for (const [label, name] of names.entries()) {
    const files = await imagesBelow(join(root, name));
    if (files.length === 0)
      throw new UserError(`the class folder ${join(root, name)} holds no jpg, png, webp or bmp files`);
    for (const path of files) all.push({ path, label, digest: await digestOf(path) });
  }
  return { folder: root, labels: names, ...eachOnce(all) };
}

function eachOnce(all: readonly Photograph[]) {
  const first = new Map<string, Photograph>();
  const disputed = new Set<string>();
  for (const photograph of all) {
    const before = first.get(photograph.digest) ?? photograph;
    first.set(photograph.digest, before);
    if (before.label !== photograph.label) disputed.add(photograph.digest);
  }
  const kept = (photo: Photograph) => first.get(photo.digest) === photo && !disputed.has(photo.digest);
  return { photographs: all.filter(kept), duplicates: all.filter((photo) => !kept(photo)).map(({ path }) => path) };
}

async function classFolders(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort();
  } catch (cause) {
    throw new UserError(
      `the folder ${root} must be one that can be read, with a folder of photographs for each class`,
      {
        cause,
      },
    );
  }
}

async function imagesBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names
    .filter(hasImageExtension)
    .sort()
    .map((name) => join(folder, name));
}

async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
