import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { makeVideo, temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg, open, readAll } from '../support.ts';

const directory = temporaryDirectory();
const video = readFileSync(makeVideo(join(directory.path, 'live.ts'), { size: '320x240', seconds: 4 }));
const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/live': (response) => response.end(video),
  '/locked': (response) => response.writeHead(401).end(),
  '/busy': (response) => response.writeHead(503).end(),
  // Half of it, and then the line stays open and silent.
  '/silent': (response) => response.write(video.subarray(0, video.length / 2)),
  '/broken': (response) => response.write(video.subarray(0, video.length / 2), () => response.destroy()),
};
const server = createServer((request, response) => {
  const answer = answers[new URL(request.url ?? '/', 'http://x').pathname];
  if (answer) answer(response);
  else response.writeHead(404).end();
});
const url = (path: string) => `http://admin:geheim@127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  directory.remove();
  server.closeAllConnections();
  server.close();
});

describe('a live source over the network', () => {
  test('delivers', async () => {
    const { frames, error } = await readAll(url('/live?token=abc'));
    expect(error).toBeUndefined();
    expect(frames).toHaveLength(40);
    expect(frames[0]!.native).toEqual({ width: 320, height: 240 });
  });

  test.each([
    ['/locked', 'auth'],
    ['/nowhere', 'not_found'],
    ['/busy', 'busy'],
  ])('%s is refused for the reason %s, without the password', async (path, reason) => {
    const error: unknown = await probe(parseSource(url(path)), ffmpeg).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ reason });
    expect(String(error)).not.toContain('geheim');
  });

  test('that falls silent is stalled, by the clock and not by the socket', async () => {
    let now = 0;
    const clock = { now: () => now, date: () => new Date(0) };
    const info = await probe(parseSource(url('/live')), ffmpeg);
    const { source } = await open(url('/silent'), { info, clock, stallSeconds: 20, lossless: false });
    // ffmpeg waits for the other half; hours pass.
    const hours = setInterval(() => (now += 3_600_000), 500);
    const error = await new Promise<unknown>((resolve) => {
      source.frames$.subscribe({
        next: (frame) => source.release(frame.pixels),
        error: resolve,
        complete: () => resolve(undefined),
      });
    });
    clearInterval(hours);
    expect(error).toMatchObject({ reason: 'timeout' });
    expect((await source.exited).reason).toBe('timeout');
  });

  test('that breaks off ends after its last frame', async () => {
    const { frames, exit } = await readAll(url('/broken'), { info: await probe(parseSource(url('/live')), ffmpeg) });
    expect(frames.length).toBeGreaterThan(5);
    expect(frames.length).toBeLessThan(40);
    expect(['ended', 'failed']).toContain(exit.reason);
  });
});
