/** Bundles: a directory with `card.json` and the classifier's graph. */
import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { ConfigurationError } from '../domain/errors.ts';
import { packageRoot } from '../domain/package-root.ts';
import { readSmallFile } from '../domain/small-file.ts';
import { dataType, type GraphModel, type ValueInfo } from '../onnx/model.ts';
import { decodeOutline } from '../onnx/wire.ts';
import { cardSchema, outputCount, type Card } from './card.ts';

type Outline = Pick<GraphModel, 'inputs' | 'outputs'>;

export interface Bundle {
  readonly directory: string;
  readonly card: Card;
  /** Path of the graph. */
  readonly modelPath: string;
}

/** The bundles that come with the package. */
export const shippedBundles = join(packageRoot, 'models');

/** Where bundles are looked for: the user's own directory, where there is one, before those that ship. */
export function bundleDirectories(modelsDirectory: string | null): readonly string[] {
  return modelsDirectory === null ? [shippedBundles] : [modelsDirectory, shippedBundles];
}

const cardFile = 'card.json';

/**
 * Loads a bundle by name (a directory of the search paths), or by path where the text has a slash.
 *
 * Throws a `ConfigurationError` where it is not there, the card is not valid, the graph's digest
 * differs, or the graph does not have the inputs and outputs that the card states.
 */
export async function loadBundle(
  nameOrPath: string,
  searchPaths: readonly string[] = [shippedBundles],
): Promise<Bundle> {
  const directory = await find(nameOrPath, searchPaths);
  const card = await readCard(join(directory, cardFile));
  const modelPath = join(directory, card.model.file);
  const bytes = await readOr(
    readFile,
    modelPath,
    (why) => `the bundle ${directory} has no readable ${card.model.file}: ${why}`,
  );
  const digest = await digestInPieces(bytes);
  if (digest !== card.model.digest) {
    throw new ConfigurationError(
      `${modelPath} is damaged or another file: its digest must be ${card.model.digest}, it is ${digest}; copy the bundle again`,
    );
  }
  assertGraphFits(modelPath, outlineOf(modelPath, bytes), card);
  return { directory, card, modelPath };
}

/** Names of the bundles in the search paths, sorted, each once. */
export async function listBundles(searchPaths: readonly string[] = [shippedBundles]): Promise<readonly string[]> {
  const names = await Promise.all(searchPaths.map(bundlesIn));
  return [...new Set(names.flat())].sort();
}

async function bundlesIn(path: string): Promise<readonly string[]> {
  if (!existsSync(path)) return [];
  return (await readdir(path)).filter((name) => existsSync(join(path, name, cardFile)));
}

async function find(nameOrPath: string, searchPaths: readonly string[]): Promise<string> {
  const isPath = /[/\\]/.test(nameOrPath) || nameOrPath === '.' || nameOrPath === '..';
  const candidates = isPath ? [resolve(nameOrPath)] : searchPaths.map((path) => join(path, nameOrPath));
  const path = nameOrPath === '' ? undefined : candidates.find((candidate) => existsSync(join(candidate, cardFile)));
  if (path !== undefined) return path;
  const available = (await listBundles(searchPaths)).join(', ') || 'none';
  throw new ConfigurationError(
    `there is no bundle "${nameOrPath}" (a directory with ${cardFile}); available are: ${available}`,
  );
}

async function readCard(path: string): Promise<Card> {
  const text = (await readOr(readSmallFile, path, (why) => `the card ${path} cannot be read: ${why}`)).toString('utf8');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(`the card ${path} must be JSON: ${reason(error)}`, { cause: error });
  }
  const result = cardSchema.safeParse(content);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path: where, message }) => `${where.join('.') || 'the card'}: ${message}`);
  throw new ConfigurationError(`the card ${path} is not valid: ${issues.join('; ')}`, {
    cause: z.treeifyError(result.error),
  });
}

async function readOr(
  read: (path: string) => Promise<Buffer>,
  path: string,
  message: (why: string) => string,
): Promise<Buffer> {
  try {
    return await read(path);
  } catch (error) {
    throw new ConfigurationError(message(reason(error)), { cause: error });
  }
}

function outlineOf(path: string, bytes: Uint8Array): Outline {
  try {
    return decodeOutline(bytes);
  } catch (error) {
    throw new ConfigurationError(`${path} must be an ONNX model: ${reason(error)}`, { cause: error });
  }
}

function assertGraphFits(path: string, graph: Outline, card: Card): void {
  const { input, output } = card;
  assertValue(path, 'input', graph.inputs, input.name, [3, input.height, input.width]);
  assertValue(path, 'output', graph.outputs, output.name, [outputCount(card)]);
  if (graph.inputs.length !== 1) {
    const names = graph.inputs.map(({ name }) => name).join(', ');
    throw new ConfigurationError(`${path} must have one input, it has ${graph.inputs.length} (${names})`);
  }
}

/** One value per image: float32 [N, …] with the first dimension free. */
function assertValue(
  path: string,
  kind: 'input' | 'output',
  values: readonly ValueInfo[],
  name: string,
  perImage: readonly number[],
): void {
  const value = values.find((candidate) => candidate.name === name);
  if (value === undefined) {
    const names = values.map((candidate) => candidate.name).join(', ');
    throw new ConfigurationError(`${path} must have the ${kind} "${name}" of its card, it has ${names}`);
  }
  const [batch, ...rest] = value.dims;
  const fits = typeof batch === 'string' && rest.join() === perImage.join() && value.dataType === dataType.float;
  if (fits) return;
  throw new ConfigurationError(
    `the ${kind} "${name}" of ${path} must be float32 [N, ${perImage.join(', ')}] as its card says, ` +
      `it is [${value.dims.join(', ')}]${value.dataType === dataType.float ? '' : ' of another element type'}`,
  );
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const pieceBytes = 2 ** 20;

/** The same as `modelDigest`; the event loop turns meanwhile, since frames wait for it at a reload. */
async function digestInPieces(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    hash.update(bytes.subarray(at, at + pieceBytes));
    await setImmediate();
  }
  return cardDigest(hash);
}

export function modelDigest(bytes: Uint8Array): string {
  return cardDigest(createHash('sha256').update(bytes));
}

/** As cards have it: `sha256:` and hexadecimal digits. */
function cardDigest(hash: Hash): string {
  return `sha256:${hash.digest('hex')}`;
}
