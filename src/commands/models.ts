/** `edge-cls models`: the bundles, what their cards say, and whether they answer as they should. */
import { Command, Option } from 'commander';
import { sizeText } from '../domain/frame.ts';
import { UserError } from '../domain/errors.ts';
import { deviceRequests, type DeviceRequest } from '../engine/engine.ts';
import { onnxruntimeEngine } from '../engine/onnxruntime/engine.ts';
import { listBundles, loadBundle } from '../model/bundle.ts';
import { percent } from '../output/percent.ts';
import { verifyBundle, type Verification } from '../model/verify-bundle.ts';
import { quantizeCommand } from './models-quantize.ts';
import { print } from './print.ts';

export function modelsCommand(): Command {
  const command = new Command('models');
  command
    .command('list', { isDefault: true })
    .description('names and titles')
    .option('--json', 'print JSON')
    .action(list);
  command
    .command('show')
    .description('what the card of a bundle says')
    .argument('<bundle>', 'name of a bundle, or its directory')
    .option('--json', 'print JSON')
    .action(show);
  command
    .command('verify')
    .description('check digests, and golden inputs against golden outputs on the chosen device')
    .argument('[bundle...]', 'names or directories; all bundles by default')
    .addOption(new Option('--device <device>', 'what to run on').choices(deviceRequests).default('auto'))
    .option('--json', 'print JSON')
    .action(verify);
  command.addCommand(quantizeCommand());
  return command;
}

async function list({ json }: { json?: true }): Promise<void> {
  const bundles = await Promise.all((await listBundles()).map((name) => loadBundle(name)));
  const rows = bundles.map(({ card }) => ({ name: card.name, title: card.title, licence: card.licence }));
  print(json, rows, () => rows.map(({ name, title }) => `${name.padEnd(30)} ${title}`));
}

async function show(name: string, { json }: { json?: true }): Promise<void> {
  const { card, directory } = await loadBundle(name);
  const { labels } = card.output;
  print(json, { directory, ...card }, () => [
    `${card.name}: ${card.title}`,
    `directory    ${directory}`,
    `input        ${sizeText(card.input)} RGB, ${card.resize.fit}, ${card.resize.kernel}`,
    `parameters   ${card.model.parameters.toLocaleString('en')}`,
    `decision     ${card.output.decision}, temperature ${card.output.temperature}`,
    ...card.accuracy.map(
      ({ value, images, resize }) => `accuracy     ${(100 * value).toFixed(2)} % of ${images} (${resize})`,
    ),
    ...(card.int8
      ? [
          `int8         ${percent(card.int8.agreement.value)} of ${card.int8.agreement.images} pictures have the first label of ${card.int8.from.name}`,
        ]
      : []),
    `licence      ${card.licence}`,
    `labels       ${labels.length}: ${labels.join(', ')}`,
  ]);
}

async function verify(names: string[], { device, json }: { device: DeviceRequest; json?: true }): Promise<void> {
  const bundles = await Promise.all((names.length > 0 ? names : await listBundles()).map((name) => loadBundle(name)));
  await using engine = await onnxruntimeEngine({ device });
  const results: ({ name: string } & Verification)[] = [];
  for (const bundle of bundles) results.push({ name: bundle.card.name, ...(await verifyBundle(bundle, engine)) });
  print(json, { device: engine.report, results }, () => [
    `device ${engine.report.device} (${engine.report.name}; ${engine.report.reason})`,
    ...results.flatMap(({ name, cases }) =>
      cases.map(
        ({ input, passed, difference, tolerance }) =>
          `${passed ? 'ok    ' : 'FAILED'} ${name}: input ${input}, largest difference ${difference.toExponential(1)} (allowed ${tolerance})`,
      ),
    ),
  ]);
  const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
  if (failed.length > 0) {
    throw new UserError(
      `${failed.join(', ')} must answer its golden inputs within tolerance on ${engine.report.device}, it does not: ` +
        'choose another --device, or update its driver',
    );
  }
}
