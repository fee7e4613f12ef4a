import { execFileSync } from 'node:child_process';
import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  copyFileSync,
  writeFileSync,
  mkdirSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleGeometry } from '../../src/model/bundle-geometry.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { writeAdapter } from '../../src/model/adapter-file.ts';
import { sharedData } from '../support/shared.ts';

// What `npm test` has just compiled: the program as it is installed.
const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const demo = fileURLToPath(new URL('../../samples/demo.mp4', import.meta.url));

const edgeCls = (...args: string[]) => execa('node', [main, ...args], { reject: false, timeout: 200_000 });

interface EventLine {
  type: string;
  kind: string;
  label: string;
  presentation_seconds: number;
  since_seconds: number;
}

const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EventLine);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edge-cls run '));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('edge-cls run', () => {
  test('sees the cat and the cup of the demonstration video, and says where every frame went', async () => {
    const events = join(folder, 'demo.jsonl');
    const { stdout, exitCode } = await edgeCls('run', demo, '--events', events, '--json', '--device', 'cpu');
    expect(exitCode).toBe(0);
    const { streams } = JSON.parse(stdout) as {
      streams: { frames: { received: number; classified: number; in_flight: number; dropped: object } }[];
    };
    expect(streams[0]?.frames).toEqual({ received: 300, classified: 300, in_flight: 0, dropped: {} });
    const seen = lines(events).filter(({ kind }) => kind === 'onset');
    expect(seen.map(({ label }) => label)).toEqual(expect.arrayContaining(['Egyptian cat', 'espresso']));
  });

  test('a line per frame where it is wanted', async () => {
    const events = join(folder, 'frames.jsonl');
    const { exitCode } = await edgeCls(
      'run',
      demo,
      '--fps',
      '2',
      '--events',
      events,
      '--every-frame',
      '--device',
      'cpu',
    );
    expect(exitCode).toBe(0);
    expect(lines(events).filter(({ type }) => type === 'prediction')).toHaveLength(50);
  });

  const bottle = sharedData('videos/bottle-detection.mp4');
  test.skipIf(bottle === undefined)(
    'a bottle is seen all the time, and in the middle it comes and goes (needs ../shared/data)',
    async () => {
      const events = join(folder, 'bottle.jsonl');
      const group = 'bottle=water bottle,pop bottle,beer bottle';
      const options = ['--fps', '5', '--group', group, '--events', events, '--device', 'cpu'];
      await edgeCls('run', bottle ?? '', ...options);
      // The one at the right stays.
      expect(lines(events).map(({ kind }) => kind)).toEqual(['onset', 'offset']);
      await edgeCls('run', bottle ?? '', ...options, '--view', 'centre');
      expect(lines(events).map(({ kind }) => kind)).toEqual(['onset', 'offset', 'onset', 'offset', 'onset', 'offset']);
    },
  );

  const cars = sharedData('videos/car-detection.mp4');
  test.skipIf(cars === undefined)('no event comes of single frames (needs ../shared/data)', async () => {
    const events = join(folder, 'cars.jsonl');
    await edgeCls('run', cars ?? '', '--events', events, '--device', 'cpu');
    // From above a white car is a telephone to ImageNet's classifier for two seconds, which is an
    // event; a folding chair for single frames of up to 0.53, which must be none.
    const onsets = lines(events).filter(({ kind }) => kind === 'onset');
    expect(onsets.map(({ label }) => label)).not.toContain('folding chair');
    expect(onsets.filter(({ presentation_seconds: at, since_seconds: since }) => at - since < 0.5)).toEqual([]);
  });

  test('of a video that is cut off, the frames that there are and a word about the rest', async () => {
    const cut = join(folder, 'cut.mp4');
    copyFileSync(demo, cut);
    truncateSync(cut, statSync(demo).size / 2);
    const { stdout, stderr, exitCode } = await edgeCls('run', cut, '--json', '--device', 'cpu');
    const { streams } = JSON.parse(stdout) as { streams: { frames: { classified: number }; seen: object }[] };
    expect(exitCode).toBe(1);
    expect(stderr).toContain('it is cut off or damaged');
    expect(streams[0]?.seen).toMatchObject({ complete: false });
    expect(streams[0]?.frames.classified).toBeGreaterThan(10);
    expect(streams[0]?.frames.classified).toBeLessThan(300);
  });

  test('an interrupt ends it in order: exit 0, whole lines, final offsets', async () => {
    const events = join(folder, 'interrupted.jsonl');
    const child = execa('node', [main, 'run', demo, '--realtime', '--events', events, '--device', 'cpu'], {
      reject: false,
    });
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('onset')) resolve();
      });
    });
    child.kill('SIGINT');
    const { exitCode } = await child;
    expect(exitCode).toBe(0);
    const seen = lines(events);
    expect(seen.filter(({ kind }) => kind === 'onset').length).toBeGreaterThan(0);
    expect(seen.filter(({ kind }) => kind === 'offset')).toHaveLength(
      seen.filter(({ kind }) => kind === 'onset').length,
    );
  });
});

test('a folder of videos and pictures: each video is a stream, the others go on where one is broken', async () => {
  const at = (name: string) => join(folder, name);
  mkdirSync(at('mixed/south'), { recursive: true });
  mkdirSync(at('mixed/north'));
  const cut = ['-v', 'error', '-i', demo, '-t', '0.5', '-vf', 'scale=64:-2'];
  for (const name of ['south/кот.mp4', 'north/кот.mp4', 'a ${b}.mp4'])
    execFileSync('ffmpeg', [...cut, at(`mixed/${name}`)]);
  execFileSync('ffmpeg', [...cut, '-frames:v', '1', at('mixed/picture.png')]);
  writeFileSync(at('mixed/picture2.jpg'), 'no picture');
  writeFileSync(at('mixed/broken.mkv'), 'no video');
  writeFileSync(at('mixed/notes.txt'), 'passed over');
  const shallow = await edgeCls('run', '--device', 'cpu', '--json', at('mixed'));
  expect(shallow.exitCode).toBe(1);
  expect(shallow.stderr).toMatch(
    /passed over: 2 videos in sub-folders \(--recursive takes them\), 1 file that is neither/,
  );
  expect(shallow.stderr).toMatch(/broken\.mkv must be a video, but is a text file/);
  const { exitCode, stdout } = await edgeCls('run', '--device', 'cpu', '--json', '--recursive', at('mixed'));
  expect(exitCode).toBe(1);
  const { streams } = JSON.parse(stdout) as {
    streams: { stream: string; frames: { classified: number }; unreadable: unknown }[];
  };
  expect(streams.map(({ stream, frames }) => [stream, frames.classified > 0])).toEqual([
    ['mixed', true],
    ['a---b-.mp4', true],
    ['broken.mkv', false],
    ['north-кот.mp4', true],
    ['south-кот.mp4', true],
  ]);
  expect(streams[0]?.unreadable).toEqual([{ file: at('mixed/picture2.jpg'), reason: 'is no picture' }]);
});

test('pictures: each by itself, a table, all of them as CSV and JSON, a line for each among the events', async () => {
  const at = (name: string) => join(folder, name);
  mkdirSync(at('shelf'));
  for (const [name, seconds] of [
    ['1.png', '3'],
    ['2, cup.jpg', '22'],
    ['3.png', '3'],
  ] as const)
    execFileSync('ffmpeg', ['-v', 'error', '-ss', seconds, '-i', demo, '-frames:v', '1', at(`shelf/${name}`)]);
  const events = at('shelf.jsonl');
  const run = (...args: string[]) => edgeCls('run', '--device', 'cpu', at('shelf'), ...args);
  const csv = await run('--csv', '--events', events);
  expect(csv.exitCode).toBe(0);
  const [heads, ...rows] = csv.stdout.split('\n');
  expect(heads).toBe('stream,file,label,probability,from_seconds,to_seconds');
  expect(rows).toHaveLength(3);
  expect(rows.find((row) => row.includes('cup.jpg'))).toMatch(/^shelf,"[^"]*\/2, cup\.jpg",[^,]+,0\.\d+,,$/);
  // The same picture is the same, whatever came before it.
  const [first, third] = ['1.png', '3.png'].map((name) => rows.find((row) => row.includes(name))?.split(name)[1]);
  expect(first).toBe(third);
  expect(lines(events).map(({ type }) => type)).toEqual(['prediction', 'prediction', 'prediction']);
  const json = JSON.parse((await run('--json')).stdout) as {
    streams: { events: number; pictures: { file: string }[] }[];
  };
  expect(json.streams[0]?.events).toBe(0);
  expect(json.streams[0]?.pictures.map(({ file }) => file)).toEqual(
    ['1.png', '2, cup.jpg', '3.png'].map((name) => at(`shelf/${name}`)),
  );
  const { stdout } = await run('--labels', 'espresso');
  expect(stdout).toMatch(/file +label +probability\n.*1\.png +espresso +0\.\d\d\n/);
});

describe('what a user does wrong is one sentence and the right exit code', () => {
  beforeAll(async () => {
    mkdirSync(join(folder, 'empty'));
    symlinkSync(folder, join(folder, 'linked'));
    copyFileSync(demo, join(folder, 'demo.mp4'));
    writeFileSync(join(folder, 'text.mp4'), 'this is no video at all\n'.repeat(50));
    writeFileSync(join(folder, 'nothing.mp4'), '');
    execFileSync('ffmpeg', ['-v', 'error', '-i', demo, '-frames:v', '1', join(folder, 'one.png')]);
    writeFileSync(join(folder, 'unknown.yaml'), 'devise: cpu\n');
    const { card } = await loadBundle('inception-v3-cats-dogs');
    const { geometry } = bundleGeometry(card, { width: 1280, height: 720 }, 'staged');
    const { weights } = closedForm(geometry, card.resize.kernel);
    await writeAdapter(join(folder, 'other.safetensors'), {
      weights,
      bundleDigest: card.model.digest,
      geometry,
      provenance: {},
    });
  });

  test.each<[name: string, args: (at: (name: string) => string) => string[], code: number, sentence: RegExp]>([
    ['missing file', () => ['nowhere.mp4'], 2, /nowhere\.mp4 was not found/],
    ['folder without pictures', (at) => [at('empty')], 2, /must hold pictures .* but holds none/],
    ['text named .mp4', (at) => [at('text.mp4')], 2, /text\.mp4 must be a video, but is a text file/],
    ['0 bytes', (at) => [at('nothing.mp4')], 2, /nothing\.mp4 is empty/],
    ['nobody at the address', () => ['rtsp://user:secret@127.0.0.1:9/x'], 2, /rtsp:\/\/\*\*\*@127\.0\.0\.1:9\/x/],
    ['unknown label', () => [demo, '--labels', 'tiger kat'], 78, /no label "tiger kat".*did you mean "tiger cat"/],
    ['unknown bundle', () => [demo, '--bundle', 'nonsense'], 78, /no bundle "nonsense".*available are/],
    ['unknown key', (at) => [demo, '-c', at('unknown.yaml')], 78, /devise.*device/s],
    ['negative fps', () => [demo, '--fps', '-1'], 78, /frames_per_second must be frames per second, from 0.0001/],
    ['fps that is no number', () => [demo, '--fps', 'many'], 2, /must be a number/],
    [
      'adapter of another bundle',
      (at) => [demo, '--adapter', at('other.safetensors')],
      78,
      /must be made for the bundle/,
    ],
    ['CSV and events on one output', () => [demo, '--csv', '--events', '-'], 2, /must not both go to standard output/],
    [
      'CSV and events on one output, by its other name',
      () => [demo, '--csv', '--events', '/dev/stdout'],
      2,
      /must not both go to standard output/,
    ],
    [
      'events and the annotated video in one file',
      (at) => [demo, '--events', at('x.mp4'), '--annotate', at('linked/x.mp4')],
      2,
      /must not both be written to .*linked\/x\.mp4/,
    ],
    [
      'events into the source',
      (at) => [at('demo.mp4'), '--events', at('linked/demo.mp4')],
      2,
      /must not be written into/,
    ],
    [
      'an annotated video in no folder',
      (at) => [demo, '--annotate', at('nowhere/x.mp4')],
      2,
      /nowhere is not: make it/,
    ],
    ['an annotated picture', (at) => [at('one.png'), '--annotate', at('x.mp4')], 2, /only a video file/],
    ['nothing to run', () => [], 2, /there must be a source/],
  ])('%s', async (_, args, code, sentence) => {
    const { exitCode, stderr, stdout } = await edgeCls('run', '--device', 'cpu', ...args((name) => join(folder, name)));
    expect(stderr).toMatch(sentence);
    expect(exitCode).toBe(code);
    expect(stderr + stdout).not.toMatch(/\n\s+at |secret/); // no stack, no password
  });
});
