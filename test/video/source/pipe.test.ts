import { execFileSync, spawn } from 'node:child_process';
import { createReadStream, linkSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { refuseSharedFiles } from '../../../src/daemon/accepted-streams.ts';
import { PipeFeed } from '../../../src/video/source/pipe-feed.ts';
import type { PipeSpec } from '../../../src/video/source/pipe-source.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg as make, makeVideo, temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg, readAll } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
makeVideo(at('clip.mp4'), { seconds: 3, output: ['-bf', '2', '-movflags', '+faststart'] });
make('-i', at('clip.mp4'), '-c', 'copy', at('clip.ts'));
make('-i', at('clip.mp4'), '-c', 'copy', at('clip.mkv'));
make('-i', at('clip.mp4'), '-c', 'copy', at('late.mp4'));
// More than a pipe holds, and than a look takes.
makeVideo(at('large.ts'), { size: '640x480', seconds: 8, output: ['-qp', '4'] });

const fed = (open: () => Readable): PipeSpec => ({ kind: 'pipe', live: false, path: 'test', feed: new PipeFeed(open) });

function fifo(name: string): string {
  execFileSync('mkfifo', [at(name)]);
  return at(name);
}

describe('a FIFO is read once, from its beginning to its end', () => {
  test.each(['clip.ts', 'clip.mp4', 'clip.mkv', 'large.ts'])('%s', async (name) => {
    const path = fifo(`pipe-of-${name}`);
    const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', at(name), path]);
    const spec = parseSource(path);
    expect(spec.kind).toBe('pipe');
    const [there, here] = [await readAll(path, { spec }), await readAll(at(name))];
    expect(there.error).toBeUndefined();
    expect(there.frames.length).toBe(here.frames.length);
    for (const [i, { pixels, presentationSeconds }] of there.frames.entries()) {
      expect(presentationSeconds).toBeCloseTo(here.frames[i]!.presentationSeconds, 4);
      expect(Buffer.compare(pixels, here.frames[i]!.pixels)).toBe(0);
    }
    await new Promise((resolve) => (writer.exitCode === null ? writer.once('exit', resolve) : resolve(0)));
    await expect(probe(spec, ffmpeg)).rejects.toThrow(/can be read once, and has been read/);
  });

  test('its writer waits while nothing is read', async () => {
    let read = 0;
    const bytes = readFileSync(at('large.ts'));
    const spec = fed(() =>
      Readable.from(
        (function* () {
          for (let from = 0; from < bytes.length; from += 4096) {
            read = from;
            yield bytes.subarray(from, from + 4096);
          }
        })(),
      ),
    );
    const info = await probe(spec, ffmpeg);
    const seen = read;
    expect(seen).toBeLessThan(bytes.length);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(read).toBe(seen);
    expect((await readAll('', { spec, info })).frames).toHaveLength(80);
  });
});

describe('what cannot be read from a pipe is said in a sentence', () => {
  test('an MP4 with its index at the end, before it is read whole', async () => {
    const spec = fed(() => createReadStream(at('late.mp4')));
    await expect(probe(spec, ffmpeg)).rejects.toThrow(/index \(moov\) at the end: name the file itself/);
  });

  test('nothing at all', async () => {
    await expect(
      probe(
        fed(() => Readable.from([])),
        ffmpeg,
      ),
    ).rejects.toThrow(/is empty: 0 bytes came/);
  });

  test('no video', async () => {
    const spec = fed(() => Readable.from([Buffer.from('good morning\n'.repeat(1000))]));
    await expect(probe(spec, ffmpeg)).rejects.toMatchObject({ reason: 'codec' });
  });

  test('a FIFO that may not be read', async () => {
    const spec = fed(() => createReadStream(at('clip.ts'), { fd: openSync(at('clip.ts'), 'a') }));
    await expect(probe(spec, ffmpeg)).rejects.toThrow(/the source test cannot be read \(EBADF\)/);
  });

  test('silence, within the time', async () => {
    const asked = probe(parseSource(fifo('silent')), ffmpeg, { timeoutMs: 200 });
    await expect(asked).rejects.toThrow(/nothing came for 0.2 s/);
  });
});

test('one pipe is no source of two streams, and no sink writes into a source', () => {
  const path = fifo('shared');
  writeFileSync(at('file'), 'x');
  const config = (sources: string[], sink: string) => {
    const streams = sources.map((source, i) => ({ name: `s${i}`, source, enabled: true }));
    return { streams, sinks: [{ path: sink }] } as unknown as Parameters<typeof refuseSharedFiles>[0];
  };
  expect(() => refuseSharedFiles(config([path, `${directory.path}/./shared`], '-'))).toThrow(
    /can be read once, but is the source of s0 and of s1/,
  );
  expect(() => refuseSharedFiles(config([path, at('file'), at('file'), 'rtsp://x/y'], '-'))).not.toThrow();
  linkSync(at('file'), at('linked'));
  expect(() => refuseSharedFiles(config([at('file')], at('linked')))).toThrow(
    /must not be written into .*the source of s0/,
  );
});
