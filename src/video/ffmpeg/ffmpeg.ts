/** Finds the ffmpeg to use, and makes sure that it will do. */
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { ConfigurationError } from '../../domain/errors.ts';
import { answersOf, type Answers } from './answers.ts';
import { type Capabilities, capabilitiesOf, missingParts } from './capabilities.ts';
import { type FfmpegVersion, isAtLeast, oldestVersion, parseVersion } from './version.ts';
import { installHint } from './install-hint.ts';
import type { RunOutput } from '../child/run-ffmpeg.ts';

/** Where an ffmpeg was found. */
export type FfmpegOrigin = 'config' | 'env EDGE_CLS_FFMPEG' | 'ffmpeg-static' | 'system';

export interface Ffmpeg extends Capabilities {
  readonly path: string;
  /** Beside ffmpeg, where it is there; nothing depends on it. */
  readonly ffprobePath?: string;
  readonly version: FfmpegVersion;
  readonly report: FfmpegOrigin;
}

export interface FindOptions {
  /** Path from the configuration. */
  readonly configured?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
  /** Where what it says of itself is kept; asked anew each time by default. */
  readonly cacheDirectory?: string | undefined;
}

interface Candidate {
  readonly path: string;
  readonly report: FfmpegOrigin;
}

/**
 * Looks at the configuration, `EDGE_CLS_FFMPEG`, the package ffmpeg-static and `PATH`, in this
 * order. The first one named is taken or refused; it is never passed over for the next.
 *
 * Throws a ConfigurationError when there is none, it does not run, is older than 5.0, or lacks a
 * decoder or filter that every source needs.
 */
export async function findFfmpeg({ configured, env = process.env, cacheDirectory }: FindOptions = {}): Promise<Ffmpeg> {
  const candidate = await firstCandidate(configured, env);
  if (candidate === undefined) {
    throw new ConfigurationError(
      `ffmpeg was not found on PATH; get it with: ${installHint()}; or set EDGE_CLS_FFMPEG to its path`,
    );
  }
  const answers = await answersOf(candidate.path, cacheDirectory, (run) => notRunning(candidate, run));
  const version = versionOf(candidate, answers);
  const capabilities = capabilitiesOf(answers);
  const missing = missingParts(capabilities);
  if (missing.length > 0) {
    throw new ConfigurationError(
      `${named(candidate)} must have the ${missing.join(', the ')}, which this build lacks; get a complete one with: ${installHint()}`,
    );
  }
  const ffprobePath = join(dirname(candidate.path), `ffprobe${executableSuffix}`);
  return {
    ...candidate,
    version,
    ...capabilities,
    ...((await isExecutable(ffprobePath)) ? { ffprobePath } : {}),
  };
}

const executableSuffix = process.platform === 'win32' ? '.exe' : '';

async function firstCandidate(configured: string | undefined, env: NodeJS.ProcessEnv): Promise<Candidate | undefined> {
  if (configured) return { path: resolve(configured), report: 'config' };
  const fromEnvironment = env['EDGE_CLS_FFMPEG'];
  if (fromEnvironment) return { path: resolve(fromEnvironment), report: 'env EDGE_CLS_FFMPEG' };
  const packaged = await packagedPath();
  if (packaged !== undefined) return { path: packaged, report: 'ffmpeg-static' };
  const onPath = await findOnPath(env['PATH'] ?? '');
  return onPath === undefined ? undefined : { path: onPath, report: 'system' };
}

/** The optional package may be absent, and its download may not have been allowed. */
async function packagedPath(): Promise<string | undefined> {
  const name = 'ffmpeg-static';
  try {
    const { default: path } = (await import(name)) as { default: unknown };
    return typeof path === 'string' && (await isExecutable(path)) ? path : undefined;
  } catch {
    return undefined;
  }
}

async function findOnPath(searchPath: string): Promise<string | undefined> {
  for (const directory of searchPath.split(delimiter).filter(Boolean)) {
    const path = join(directory, `ffmpeg${executableSuffix}`);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function notRunning(
  candidate: Candidate,
  { code, timedOut, exitCode }: Pick<RunOutput, 'code' | 'timedOut' | 'exitCode'>,
): ConfigurationError {
  const why = code ?? (timedOut ? 'no answer in 10 s' : `exit code ${String(exitCode)}`);
  return new ConfigurationError(
    `${named(candidate)} must be an ffmpeg that runs, but asking for its version failed (${why}); name another one, or get it with: ${installHint()}`,
  );
}

function versionOf(candidate: Candidate, { version: banner }: Answers): FfmpegVersion {
  const version = parseVersion(banner);
  if (version === undefined) throw notRunning(candidate, { code: undefined, timedOut: false, exitCode: 0 });
  if (!isAtLeast(version, oldestVersion)) {
    throw new ConfigurationError(
      `${named(candidate)} must be of version ${oldestVersion.join('.')} or newer, but is ${version.join('.')}; get a newer one with: ${installHint()}`,
    );
  }
  return version;
}

function named({ path, report }: Candidate): string {
  return report === 'config' ? `the configured ffmpeg ${path}` : `ffmpeg ${path} (${report})`;
}
