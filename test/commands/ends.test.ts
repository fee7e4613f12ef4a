/** How every verb ends: stopped, broken, wrongly asked, and with nobody left to read what it prints. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/learning/random.ts';
import { childrenOf } from '../rig/processes.ts';
import { makeDarkPictures, makeNoisyPicture } from '../support/noisy-pictures.ts';
import { makeVideo, temporaryDirectory } from '../support/videos.ts';

const main = resolve(import.meta.dirname, '../../dist/main.js');
const hook = resolve(import.meta.dirname, '../support/ends-hook.mjs');

const directory = temporaryDirectory();
afterAll(directory.remove);
const pictures = join(directory.path, 'pictures');
const camera = join(directory.path, 'camera');
const video = join(directory.path, 'video.mp4');
const short = join(directory.path, 'short.mp4');

beforeAll(async () => {
  const random = seededRandom(1);
  for (const [name, red] of [
    ['dark', 40],
    ['red', 200],
  ] as const) {
    mkdirSync(join(pictures, name), { recursive: true });
    for (let i = 0; i < 8; i++) {
      await makeNoisyPicture(join(pictures, name, `${i}.png`), 48, { r: red, g: 40, b: 40 }, { sigma: 20, random });
    }
  }
  await makeDarkPictures(camera, 12, 32);
  makeVideo(video, { seconds: 600, rate: 5, output: ['-g', '50'] });
  makeVideo(short, { seconds: 1 });
});

/** A process of the program, and what it said. */
interface Started {
  readonly child: ChildProcess;
  /** A place of its own for what it writes. */
  readonly where: string;
  stdout: string;
  stderr: string;
  readonly ended: Promise<number | string>;
}

interface Verb {
  /** A command line that lasts. */
  readonly lasting: (where: string) => readonly string[];
  /** The file at which it is held where it would not last by itself, or how to tell that it is at work. */
  readonly atWork: { readonly held: string } | ((started: Started) => boolean);
  /** A command line that ends by itself; by default the one that lasts, without being held. */
  readonly whole?: (where: string) => readonly string[];
  /** A command line that a user got wrong, and what is said of it. */
  readonly wrong: readonly [args: readonly string[], sentence: RegExp, code: number];
  /** What a signal's sentence says of the work. */
  readonly kept?: RegExp;
  /** To be stopped is its normal end. */
  readonly runsUntilStopped?: true;
}

const cpu = ['--device', 'cpu'];
const lite = ['--bundle', 'efficientnet-lite0-imagenet'];
const said = ({ stderr }: Started) => stderr !== '';
const hasTrial = (path: string) => existsSync(path) && readdirSync(path).some((name) => name.startsWith('trial_'));
const nonEmpty = (path: string) => existsSync(path) && statSync(path).size > 0;
const events = (where: string) => join(where, 'events.jsonl');
const saw = ({ where }: Started) => nonEmpty(events(where));

function service(where: string): string[] {
  const stream = { name: 'door', source: video, realtime: true };
  const output = { events_file: events(where), every_frame: true, status_interval_seconds: 1 };
  const config = { device: 'cpu', state_directory: where, http: { enabled: false }, output, streams: [stream] };
  const path = join(where, 'config.yaml');
  // JSON is YAML.
  writeFileSync(path, JSON.stringify(config));
  return ['run', '--config', path];
}

const train = (where: string, ...more: string[]) => [
  ...['train', pictures, '--output', where, '--cache', join(where, 'cache'), ...cpu, ...more],
];
const tune = (where: string, ...more: string[]) => [
  ...['tune', pictures, '--cache', join(where, 'cache'), '--directory', join(where, 'search'), ...cpu, ...more],
];
const adapt = (where: string, ...more: string[]) => [
  ...['adapt', camera, '--resolution', '224x224', '--state', where, ...lite, ...cpu, ...more],
];

const verbs: Readonly<Record<string, Verb>> = {
  run: {
    lasting: (where) => ['run', video, '--realtime', '--events', events(where), '--every-frame', ...cpu],
    atWork: saw,
    whole: () => ['run', short, ...cpu],
    wrong: [['run', 'no-such-file.mp4'], /no-such-file\.mp4/, 2],
    runsUntilStopped: true,
  },
  'run as a service': {
    lasting: service,
    atWork: saw,
    wrong: [['run', '--config', 'no-such-config.yaml'], /no-such-config\.yaml/, 78],
    runsUntilStopped: true,
  },
  probe: {
    lasting: () => ['probe', short, ...cpu],
    atWork: { held: String.raw`card\.json$` },
    wrong: [['probe', 'no-such-file.mp4'], /no-such-file\.mp4/, 2],
  },
  models: {
    lasting: () => ['models', 'show', 'efficientnet-lite0-imagenet'],
    atWork: { held: String.raw`card\.json$` },
    wrong: [['models', 'show', 'no-such-bundle'], /no-such-bundle/, 78],
  },
  adapt: {
    lasting: (where) => adapt(where, '--budget', '10m', '--epochs', '100000', '--objective', 'align'),
    atWork: ({ where }) => existsSync(join(where, 'fits')),
    whole: (where) => adapt(where, '--record-baseline'),
    wrong: [['adapt', 'no-such-folder', ...cpu], /no-such-folder/, 2],
    kept: /the old front end stays/,
  },
  evaluate: {
    lasting: () => ['evaluate', video, '--limit', '3000', ...lite, ...cpu],
    atWork: said,
    whole: () => ['evaluate', camera, ...lite, ...cpu],
    wrong: [['evaluate', camera, '--compare', 'random'], /--compare must have two/, 2],
    kept: /nothing is kept/,
  },
  adapters: {
    lasting: (where) => {
      mkdirSync(join(where, 'adapters'));
      return ['adapters', 'list', '--state', where];
    },
    atWork: { held: '/adapters$' },
    wrong: [['adapters', 'show', 'ffff', '--state', directory.path], /ffff/, 1],
  },
  bench: {
    lasting: () => ['bench', video, '--rounds', '100', ...cpu],
    atWork: ({ child }) => childrenOf(child.pid ?? 0).some(({ name }) => name === 'ffmpeg'),
    whole: () => ['bench', short, '--rounds', '1', ...cpu],
    wrong: [['bench', video, '--rounds', 'abc'], /--rounds must be an integer from 1 on, it was "abc"/, 2],
  },
  doctor: {
    lasting: () => ['doctor'],
    atWork: { held: '^/dev/?$' },
    // It finds a bundle missing, and says so below.
    wrong: [['doctor', '--config', join(directory.path, 'wrong.yaml')], /checks failed/, 1],
  },
  train: {
    lasting: (where) => train(where, '--epochs', '1000000', '--patience', '1000000'),
    atWork: said,
    whole: (where) => train(where, '--epochs', '1'),
    wrong: [['train', 'no-such-folder'], /no-such-folder/, 1],
    kept: /no bundle is written/,
  },
  tune: {
    lasting: (where) => tune(where, '--epochs', '1000000'),
    atWork: ({ where }) => hasTrial(join(where, 'search')),
    whole: (where) => tune(where, '--epochs', '1', '--lr', '0.01'),
    wrong: [['tune', pictures, '--lr', 'fast'], /--lr must be numbers above 0/, 2],
    kept: /the trials so far are kept in/,
  },
  install: {
    lasting: (where) => ['install', '--dry-run', '--root', where],
    atWork: { held: 'sysusers' },
    wrong: [['install', '--node', '/usr/bin/no-such-node'], /no-such-node/, 2],
  },
};

function start(args: readonly string[], where: string, env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, ['--single-threaded-gc', '--import', hook, main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, XDG_STATE_HOME: where, ...env },
  });
  const started: Started = {
    ...{ child, where, stdout: '', stderr: '' },
    ended: new Promise((done) => child.once('close', (code, signal) => done(code ?? signal ?? 'unknown'))),
  };
  child.stdout.on('data', (text: Buffer) => (started.stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (started.stderr += text.toString()));
  return started;
}

function place(): string {
  return mkdtempSync(join(directory.path, 'at-'));
}

/** Resolves with its exit code when it was at work, and was told this then. */
async function interrupted(verb: Verb, signal: NodeJS.Signals): Promise<Started & { code: number | string }> {
  const where = place();
  const mark = join(where, 'held');
  const { atWork } = verb;
  const held = typeof atWork === 'function' ? {} : { EDGE_CLS_TEST_HOLD: atWork.held, EDGE_CLS_TEST_HELD: mark };
  const started = start(verb.lasting(where), where, held);
  const isAtWork = typeof atWork === 'function' ? atWork : () => existsSync(mark);
  await until(started, () => isAtWork(started));
  started.child.kill(signal);
  return Object.assign(started, { code: await started.ended });
}

async function until(started: Started, condition: () => boolean): Promise<void> {
  const life = { over: false };
  void started.ended.then(() => (life.over = true));
  while (!condition()) {
    if (life.over) throw new Error(`${basename(main)} ended too soon: ${started.stderr}`);
    await sleep(20);
  }
}

/** Lines in which the program speaks of its own end. */
const lastLines = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('edge-cls: '));
const stack = /\n +at /;

describe.each(Object.entries(verbs))('%s', (_, verb) => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends at a %s with a sentence', async (signal, code) => {
    const ended = await interrupted(verb, signal);
    expect(ended.stderr).not.toMatch(/fault of edge-cls/);
    expect(ended.stderr).not.toMatch(stack);
    if (verb.runsUntilStopped) {
      expect([ended.code, lastLines(ended.stderr)]).toEqual([0, []]);
      expect(ended.stdout + ended.stderr).toContain(`stopped by ${signal}`);
      return;
    }
    expect(lastLines(ended.stderr)).toEqual([expect.stringContaining(`stopped by ${signal}`)]);
    if (verb.kept) expect(ended.stderr).toMatch(verb.kept);
    expect(ended.code).toBe(code);
  });

  it('tells a fault that nobody caught with its stack and without secrets, and ends with 1', async () => {
    const { stderr, code } = await interrupted(verb, 'SIGUSR2');
    expect(code).toBe(1);
    expect(stderr).toMatch(/fault of edge-cls, please report it/);
    expect(stderr).toMatch(/TypeError: broken at rtsp:\/\/\*\*\*@camera\/1(?:\\n|\n) +at /);
    expect(stderr).not.toContain('hunter2');
  });

  it("tells a user's error in a sentence", async () => {
    writeFileSync(join(directory.path, 'wrong.yaml'), 'streams: 3\n');
    const [args, sentence, code] = verb.wrong;
    const started = start(args, place());
    expect(await started.ended).toBe(code);
    expect(lastLines(started.stderr)).toEqual([expect.stringMatching(sentence)]);
    expect(started.stderr).not.toMatch(stack);
    expect(started.stderr).not.toMatch(/fault of edge-cls/);
  });

  it.each(['stdout', 'stderr'] as const)('takes a closed %s as no fault', async (name) => {
    const where = place();
    const started = start((verb.whole ?? verb.lasting)(where), where);
    started.child[name]?.destroy();
    if (verb.atWork === saw && verb.whole === undefined) await goesOn(started);
    expect(await started.ended).toBe(0);
    expect(started.stderr).not.toMatch(/fault of edge-cls|EPIPE/);
    if (name === 'stderr' && !verb.runsUntilStopped) expect(started.stdout).not.toBe('');
  });
});

/** A service writes on, then is stopped. */
async function goesOn(started: Started): Promise<void> {
  const lines = () => (saw(started) ? readFileSync(events(started.where), 'utf8').split('\n').length : 0);
  await until(started, () => lines() > 0);
  const before = lines();
  await until(started, () => lines() > before + 10);
  started.child.kill('SIGTERM');
}

it('adapt says that a fit is kept only where steps of it are', async () => {
  const enough = join(directory.path, 'enough');
  await makeDarkPictures(enough, 54, 32);
  const lasting = (where: string) => [
    ...['adapt', enough, '--resolution', '224x224', '--state', where, ...lite, ...cpu],
    ...['--budget', '10m', '--epochs', '100000', '--objective', 'align'],
  ];
  const verb = { ...verbs['adapt']!, lasting };
  const loading = await interrupted({ ...verb, atWork: said }, 'SIGINT');
  expect(loading.stderr).toMatch(/the old front end stays; the fit had not begun to keep steps/);
  // The file is there a moment before the fit knows that it is: on a busy disk the step after it is waited for.
  const kept = ({ where, stderr }: Started) =>
    existsSync(join(where, 'fits')) &&
    readdirSync(join(where, 'fits'), { recursive: true }).some((name) =>
      String(name).endsWith('checkpoint.safetensors'),
    ) &&
    [...stderr.matchAll(/(\d+) of \d+,/g)].some(([, step]) => Number(step) > 10);
  const fitting = await interrupted({ ...verb, atWork: kept }, 'SIGINT');
  expect(fitting.stderr).toMatch(/the same command goes on from the steps that are kept/);
});
