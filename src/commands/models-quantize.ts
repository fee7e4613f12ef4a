/** `edge-cls models quantize`: a bundle in int8, of one in float and a folder of pictures. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../domain/errors.ts';
import { onnxruntimeEngine } from '../engine/onnxruntime/engine.ts';
import { newBundleDirectory } from '../learning/head/new-bundle.ts';
import { loadBundle } from '../model/bundle.ts';
import { percent } from '../output/percent.ts';
import { makeInt8Bundle } from '../quantize/int8-bundle.ts';
import { readPictures } from '../quantize/pictures.ts';
import { findFfmpeg } from '../video/ffmpeg/ffmpeg.ts';
import { print } from './print.ts';
import { ProgressLine } from './progress-line.ts';
import { quoted } from './shell-words.ts';
import { stopOnSignals } from './signals.ts';

interface QuantizeOptions {
  images: string;
  labels?: true;
  output: string;
  name?: string;
  json?: true;
}

export function quantizeCommand(): Command {
  return new Command('quantize')
    .description('make a bundle that computes in int8, which is faster on CPUs, with ranges measured on pictures')
    .argument('<bundle>', 'name of a bundle, or its directory')
    .requiredOption('--images <folder>', 'pictures as varied as what it will see; some are held back to measure on')
    .option('--labels', 'the folders in it are named after labels: accuracy is measured, too')
    .option('--output <directory>', 'the bundle becomes a directory in it', '.')
    .option('--name <name>', 'of the bundle; by default NAME-int8')
    .option('--json', 'print JSON')
    .action(quantize);
}

async function quantize(bundleName: string, { images, labels, output, name, json }: QuantizeOptions): Promise<void> {
  const base = await loadBundle(bundleName);
  const called = name ?? `${base.card.name}-int8`;
  const directory = newBundleDirectory(output, called);
  if (existsSync(directory)) {
    throw new UsageError(`the directory ${directory} must not be there yet, it is; give another --name or --output`);
  }
  using stop = stopOnSignals(() => 'no bundle is written');
  const { signal } = stop;
  using progress = new ProgressLine();
  await using parts = await readPictures(images, base.card, {
    labelled: labels === true,
    ffmpeg: await findFfmpeg(),
    signal,
  });
  await using engine = await onnxruntimeEngine({ device: 'cpu', threads: 1 });
  const { bundle, milliseconds } = await makeInt8Bundle({
    base,
    name: called,
    directory,
    parts,
    data: basename(resolve(images)),
    engine,
    signal,
    onProgress: (text) => progress.update(text),
  });
  progress.clear();
  const { accuracy, int8 } = bundle.card;
  const result = { bundle: bundle.directory, digest: bundle.card.model.digest, int8, accuracy, milliseconds };
  print(json, result, () => [
    `${bundle.directory}: ${bundle.card.title}`,
    `pictures     ${parts.calibration.length} for ranges, ${parts.choice.length} for choices, ${parts.test.length} to measure on`,
    `ranges       ${int8?.ranges}; ${int8?.floatLayers.length} layers stay in float`,
    `agreement    ${percent(int8?.agreement.value ?? NaN)} have the float bundle's first label`,
    ...accuracy.map(({ value }) => `accuracy     ${percent(value)}, in float ${percent(int8?.accuracyBefore ?? NaN)}`),
    `one picture  ${milliseconds.int8.toFixed(1)} ms on one thread, in float ${milliseconds.float.toFixed(1)} ms`,
    `use it       edge-cls run --bundle ${quoted(bundle.directory)} SOURCE`,
  ]);
}
