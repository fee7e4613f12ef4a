import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { against, lastWords, rivalFrom } from '../../../src/commands/bench/against.ts';
import { standingJson, standingsTable } from '../../../src/commands/bench/standings.ts';
import { ffmpeg, temporaryDirectory } from '../../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const root = resolve(import.meta.dirname, '../../..');

describe('--against', () => {
  it('is a name and a command, several times', () => {
    const first = rivalFrom('mine=python3 mine.py --size=2 {file}');
    expect(rivalFrom('other = ./other {file}', first)).toEqual([
      { name: 'mine', command: 'python3 mine.py --size=2 {file}' },
      { name: 'other ', command: ' ./other {file}' },
    ]);
  });

  it.each(['', 'mine', '=command', 'mine=', 'mine= '])('is refused where it is %j', (text) => {
    expect(() => rivalFrom(text)).toThrow(`--against must be NAME=COMMAND`);
  });

  it('gives rivals the same file, and what edge-cls works on', async () => {
    // Words that a shell would take apart.
    const file = join(directory.path, "it's short.mp4");
    ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=64x48:rate=10:duration=1', '-pix_fmt', 'yuv420p', file);
    const counted = `ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 {file}`;
    const command = `printf '{"frames": %d, "versions": {"place": "%s"}}' $(${counted}) {model}`;
    const standings = await against({
      file,
      args: ['--view', 'centre'],
      rivals: [{ name: 'counter', command }],
      places: { model: 'a b', width: '8', height: '8', crop: '8:8:0:0' },
      rounds: 1,
      ffmpeg: 'ffmpeg',
      program: [process.execPath, join(root, 'dist/main.js')],
    });
    expect(standings.map(({ name }) => name)).toEqual(['edge-cls', 'counter']);
    expect(standings.map(standingJson)).toMatchObject([
      { edge_cls_rate_ratio: { median: 1, least: 1, most: 1 }, versions: {} },
      { versions: { place: 'a b' } },
    ]);
    expect(standingsTable(standings).map((line) => line.split(/ {2,}/)[0])).toEqual([
      'in turns, without the start, memory of all processes:',
      '',
      'edge-cls',
      'counter',
    ]);
  });
});

describe('lastWords', () => {
  it('are the last line where it is JSON, and nothing else', () => {
    expect(lastWords('loading\n{"frames": 3}\n')).toEqual({ frames: 3 });
    for (const stdout of ['', 'ready', '{"frames": 3}\ndone', '3', 'null']) expect(lastWords(stdout)).toEqual({});
  });
});
