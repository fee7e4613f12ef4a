/** A user's pictures at the size of a classifier's input, in three parts that share none. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../domain/errors.ts';
import { seededRandom } from '../domain/random.ts';
import { classesOf } from '../learning/data/class-folders.ts';
import { ImageFile } from '../learning/data/image-set.ts';
import { decodePhotographs } from '../learning/head/decode-photographs.ts';
import type { Card } from '../model/card.ts';
import type { Ffmpeg } from '../video/ffmpeg/ffmpeg.ts';
import { hasImageExtension } from '../video/picture/image-codec.ts';

export interface Pictures {
  readonly length: number;
  /** float32 [3, height, width], R, G, B, 0 to 1. */
  read(index: number): Promise<Float32Array<ArrayBuffer>>;
}

export interface PictureParts {
  /** Ranges are measured on them. */
  readonly calibration: Pictures;
  /** Methods are chosen by them. */
  readonly choice: Pictures;
  /** Nothing is decided by them. */
  readonly test: Pictures;
  /** Indices of the labels of `test`, where the folders name them. */
  readonly labels: readonly number[] | undefined;
}

const fewest = 12;
const most = { calibration: 128, choice: 128, test: 1000 };

/**
 * Reads the pictures below a folder, each content once, in an order that only their names decide: a quarter (at most
 * 128) for calibration, a quarter (at most 128) for choice, the rest (at most 1,000) for the test.
 *
 * Throws a `UsageError` for a folder that is not there, one with too few pictures, and, with `labelled`, one whose
 * folders are not named after labels.
 */
export async function readPictures(
  folder: string,
  card: Card,
  options: { readonly labelled: boolean; readonly ffmpeg: Ffmpeg; readonly signal?: AbortSignal | undefined },
): Promise<PictureParts & AsyncDisposable> {
  const root = resolve(folder);
  const files = seededRandom(1).shuffled(await distinct(await filesBelow(root)));
  const classes = options.labelled ? classesOf(root, files, card.output.labels) : undefined;
  if (options.labelled && classes === undefined) {
    throw new UsageError(
      `with --labels the folder ${root} must hold folders named after labels of the bundle, it holds none`,
    );
  }
  const quarter = Math.floor(files.length / 4);
  const counts = [Math.min(quarter, most.calibration), Math.min(quarter, most.choice)] as const;
  const all = await ImageFile.create(card.input);
  const paths: string[] = [];
  try {
    await decodePhotographs(files.slice(0, counts[0] + counts[1] + most.test), card, {
      ...options,
      onPhotograph: async ({ path, image }) => {
        paths.push(path);
        await all.append(image);
      },
      onUnreadable: () => undefined,
    });
    if (paths.length < fewest) {
      throw new UsageError(
        `the folder ${root} must hold at least ${fewest} different pictures that can be read, it holds ${paths.length}; give another --images`,
      );
    }
  } catch (error) {
    await all[Symbol.asyncDispose]();
    throw error;
  }
  const part = (from: number, to: number): Pictures => ({ length: to - from, read: (index) => all.read(from + index) });
  const [first, second] = [counts[0], counts[0] + counts[1]];
  return {
    calibration: part(0, first),
    choice: part(first, second),
    test: part(second, paths.length),
    labels: classes && paths.slice(second).map((path) => classes.get(path) ?? -1),
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

async function filesBelow(root: string): Promise<string[]> {
  try {
    const names = await readdir(root, { recursive: true });
    return names
      .filter(hasImageExtension)
      .sort()
      .map((name) => join(root, name));
  } catch (cause) {
    throw new UsageError(`the folder of pictures ${root} must be one that can be read; give another --images`, {
      cause,
    });
  }
}

async function distinct(files: readonly string[]): Promise<string[]> {
  const first = new Map<string, string>();
  for (const path of files) {
    const digest = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    if (!first.has(digest)) first.set(digest, path);
  }
  return [...first.values()];
}
