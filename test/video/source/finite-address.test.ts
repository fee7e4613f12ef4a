import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pacedSource } from '../../../src/video/source/pace.ts';
import { partedSource, refuseLiveStart } from '../../../src/video/source/parted-source.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg as make, makeVideo, temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg, readAll } from '../support.ts';

const directory = temporaryDirectory();
const at = (name: string) => join(directory.path, name);
makeVideo(at('clip.mp4'), { seconds: 5, rate: 15, output: ['-bf', '2', '-g', '15', '-movflags', '+faststart'] });
make('-i', at('clip.mp4'), '-c', 'copy', at('late-index.mp4'));
make('-i', at('clip.mp4'), '-c', 'copy', at('clip.mkv'));
make('-i', at('clip.mp4'), '-c', 'copy', at('clip.ts'));
make('-i', at('clip.mp4'), '-c', 'copy', '-movflags', 'frag_keyframe+empty_moov', at('fragments.mp4'));
make('-i', at('clip.mp4'), '-c', 'copy', '-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', at('finished.m3u8'));
const finished = readFileSync(at('finished.m3u8'), 'utf8');
writeFileSync(at('growing.m3u8'), finished.replace('#EXT-X-ENDLIST\n', ''));
const segments = readdirSync(directory.path).filter((name) => /^finished.*\.ts$/.test(name));

/** With ranges, without, or without even a length. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const [, how, name = ''] = (request.url ?? '').split('/');
  if (how === 'camera') {
    camera(name, response);
    return;
  }
  const bytes = readFileSync(at(name));
  const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? [];
  if (how === 'ranges' && from !== undefined) {
    const end = to ? Number(to) : bytes.length - 1;
    response.writeHead(206, { 'content-range': `bytes ${from}-${end}/${bytes.length}`, 'accept-ranges': 'bytes' });
    response.end(bytes.subarray(Number(from), end + 1));
  } else if (how === 'chunks') {
    response.write(bytes);
    response.end();
  } else response.end(bytes);
}

const endless: Readonly<Record<string, readonly string[]>> = {
  mjpeg: ['-f', 'mpjpeg'],
  ts: ['-c:v', 'libx264', '-g', '10', '-f', 'mpegts'],
  fragments: ['-c:v', 'libx264', '-g', '10', '-movflags', 'frag_keyframe+empty_moov', '-f', 'mp4'],
};

function camera(name: string, response: ServerResponse): void {
  const type = name === 'mjpeg' ? 'multipart/x-mixed-replace;boundary=ffmpeg' : 'video/mp4';
  response.writeHead(200, { 'content-type': type });
  const source = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=160x120:rate=10', '-pix_fmt', 'yuvj420p'];
  const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...source, ...(endless[name] ?? []), 'pipe:1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.stdout.pipe(response);
  response.on('close', () => child.kill('SIGKILL'));
}

const server = createServer(serve);
const url = (path: string) => `http://admin:geheim@127.0.0.1:${(server.address() as AddressInfo).port}/${path}`;
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
  directory.remove();
});

async function seen(path: string) {
  const named = parseSource(url(path));
  const info = await probe(named, ffmpeg);
  return { info, spec: pacedSource(named, info, 'auto'), named };
}

describe('an address with an end', () => {
  test.each([
    'ranges/clip.mp4',
    'length/clip.mp4',
    'chunks/clip.mp4',
    'ranges/late-index.mp4',
    'ranges/clip.mkv',
    'length/clip.mkv',
    'ranges/clip.ts',
    'ranges/fragments.mp4',
    'length/fragments.mp4',
    'ranges/finished.m3u8',
    'chunks/finished.m3u8',
  ])('%s is read whole, as the file is', async (path) => {
    const { info, spec } = await seen(path);
    expect(spec.live).toBe(false);
    const [there, here] = [await readAll(url(path), { spec, info }), await readAll(at('clip.mp4'))];
    expect(there.error).toBeUndefined();
    expect(there.frames).toHaveLength(75);
    const differing = there.frames.filter(({ pixels }, i) => Buffer.compare(pixels, here.frames[i]!.pixels) !== 0);
    expect(differing).toHaveLength(0);
    const late = there.frames.map(
      ({ presentationSeconds }, i) => presentationSeconds - here.frames[i]!.presentationSeconds,
    );
    expect(Math.max(...late.map(Math.abs))).toBeLessThan(0.001);
  });

  test.each([
    'ranges/clip.mp4',
    'ranges/clip.mkv',
    'ranges/clip.ts',
    'ranges/finished.m3u8',
    'length/clip.mp4',
    'length/clip.mkv',
    'chunks/clip.mp4',
  ])('%s has parts, and is entered before them', async (path) => {
    const spec = partedSource(parseSource(url(path)), { startSeconds: 3.5, durationSeconds: 1 });
    const info = await probe(spec, ffmpeg);
    expect(info.entry?.seconds).toBe(3);
    const { frames, error } = await readAll('', { spec: pacedSource(spec, info, 'auto'), info });
    expect(error).toBeUndefined();
    const here = (await readAll(at('clip.mp4'))).frames.filter(
      ({ presentationSeconds: time }) => time >= 3.5 && time < 4.5,
    );
    expect(frames.map(({ pixels }) => Buffer.from(pixels).toString('base64'))).toEqual(
      here.map(({ pixels }) => Buffer.from(pixels).toString('base64')),
    );
    const late = partedSource(spec, { startSeconds: 6, durationSeconds: 1 });
    await expect(probe(late, ffmpeg)).rejects.toThrow(/which lasts 5\.00 s, but was 6 s/);
  });

  test('is live where that is asked for, and the other way round', () => {
    const info = { durationSeconds: 5 };
    const address = parseSource('http://host/x');
    expect(pacedSource(address, {}, 'auto').live).toBe(true);
    expect(pacedSource(address, {}, 'whole').live).toBe(false);
    expect(pacedSource(address, info, 'auto').live).toBe(false);
    const camera = parseSource('rtsp://host/x');
    expect(pacedSource(camera, info, 'auto').live).toBe(true);
    expect(pacedSource(camera, info, 'whole').live).toBe(false);
    const device = { kind: 'device', live: true, path: '/dev/video0' } as const;
    expect(() => pacedSource(device, {}, 'whole')).toThrow(/must be auto or live, but is whole/);
  });
});

describe('an address without an end', () => {
  test.each(['camera/mjpeg', 'camera/ts', 'camera/fragments', 'ranges/growing.m3u8'])('%s is live', async (path) => {
    const { info, spec } = await seen(path);
    expect(info.durationSeconds).toBeUndefined();
    expect(spec.live).toBe(true);
  });
});

test('a camera may be ended after a time, but has no start', async () => {
  const camera = parseSource(url('camera/ts'));
  const native = { width: 160, height: 120 };
  const info = { ...(await probe(parseSource(at('clip.ts')), ffmpeg)), native, display: native, frameRate: 10 };
  const spec = partedSource(camera, { startSeconds: 0, durationSeconds: 0.5 });
  const { frames, error } = await readAll('', { spec, info });
  expect(error).toBeUndefined();
  expect(frames).toHaveLength(5);
  expect(() => refuseLiveStart(spec)).not.toThrow();
  const late = partedSource(camera, { startSeconds: 3, durationSeconds: Infinity });
  expect(() => refuseLiveStart(late)).toThrow(/--start must be of a video with an end, but .* is live/);
});

test.each(['length', 'chunks'])('an MP4 with its index at the end needs a server that gives parts: %s', async (how) => {
  const reason = /gives no frames: its index lies at its end, and the server does not give parts.*\+faststart/;
  await expect(probe(parseSource(url(`${how}/late-index.mp4`)), ffmpeg)).rejects.toThrow(reason);
});

test('the playlists have several segments', () => {
  expect(segments.length).toBeGreaterThan(3);
});
