/** `edge-cls doctor`: what is wrong with this box, and how to mend it. */
import { existsSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { cacheDirectory } from '../config/cache-directory.ts';
import { defaults } from '../config/defaults.ts';
import { installedConfig } from '../config/installed-config.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { stateDirectory } from '../config/state-directory.ts';
import { systemClock } from '../domain/clock.ts';
import { UserError } from '../domain/errors.ts';
import { packageFacts, packageRoot } from '../domain/package-root.ts';
import { redact } from '../domain/redact.ts';
import { deviceNodeFindings } from './doctor/device-nodes.ts';
import { directoryFinding } from './doctor/directories.ts';
import { finding, type Finding } from './doctor/finding.ts';
import { inferenceFindings } from './doctor/inference.ts';
import { ffmpegFinding } from './doctor/media.ts';
import { serviceFinding } from './doctor/service.ts';
import { clockFinding, memoryFinding, nodeFinding } from './doctor/system.ts';
import { print } from './print.ts';

const mebibyte = 1024 ** 2;

export function doctorCommand(): Command {
  return new Command('doctor')
    .option('-c, --config <file>', `the configuration to check; by default ${installedConfig} where it is there`)
    .option('--json', 'print JSON')
    .action(doctor);
}

async function doctor({ config: path, json }: { config?: string; json?: true }): Promise<void> {
  const { config, checked } = await configured(path ?? (existsSync(installedConfig) ? installedConfig : undefined));
  const nodes = await deviceNodeFindings('/dev');
  const service = await serviceFinding('/');
  const findings = [
    nodeFinding(process.versions.node, packageFacts.engines.node, availableParallelism()),
    // Packages carry the times of 1985; when the file came here is what counts.
    clockFinding(systemClock.date(), statSync(join(packageRoot, 'package.json')).ctime),
    memoryFinding(process.availableMemory()),
    checked,
    await finding('ffmpeg', () => ffmpegFinding(config.ffmpeg.path)),
    ...nodes,
    ...(await inferenceFindings(
      config,
      nodes.some(({ check }) => check === 'gpu nodes'),
    )),
    ...(await directoryFindings(config)),
    ...(service === undefined ? [] : [service]),
  ].map((finding) => ({ ...finding, says: redact(finding.says) }));
  print(json, { findings }, () =>
    findings.map(({ check, verdict, says }) => `${verdict.padEnd(7)} ${check.padEnd(14)} ${says}`),
  );
  const failed = findings.filter(({ verdict }) => verdict === 'failed').length;
  if (failed > 0) {
    throw new UserError(`${failed} of ${findings.length} checks failed: see the lines that begin with "failed"`);
  }
}

/** The configuration, or where it is wrong the defaults: the other checks are worth making all the same. */
async function configured(path: string | undefined): Promise<{ config: Config; checked: Finding }> {
  let config = defaults;
  const checked = await finding('configuration', async () => {
    config = await loadConfig({ ...(path !== undefined && { path }), env: process.env });
    const streams = `${config.streams.length} ${config.streams.length === 1 ? 'stream' : 'streams'}`;
    return { verdict: 'ok', says: path === undefined ? 'the defaults, no file' : `${path} is valid, ${streams}` };
  });
  return { config, checked };
}

async function directoryFindings({ state_directory: state }: Config): Promise<readonly Finding[]> {
  return Promise.all([
    directoryFinding({
      check: 'state',
      path: stateDirectory(state),
      needed: 10 * mebibyte,
      wanted: 200 * mebibyte,
      for: 'adapters, fits and their reports',
    }),
    directoryFinding({
      check: 'cache',
      path: cacheDirectory(),
      needed: 10 * mebibyte,
      wanted: 200 * mebibyte,
      for: 'features of photographs',
    }),
    directoryFinding({
      // 300 frames of 1050×1050, three bytes each.
      check: 'temporary',
      path: tmpdir(),
      needed: 100 * mebibyte,
      wanted: 1000 * mebibyte,
      for: 'the frames of a fit',
    }),
  ]);
}
