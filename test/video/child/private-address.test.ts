import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startDecoder } from '../../../src/video/child/decoder-process.ts';
import { withoutAddress } from '../../../src/video/child/private-address.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg } from '../support.ts';

const password = "p%40ss'word";

test('no argument holds any of the address, whatever is in it', () => {
  const address = fc.stringMatching(/^[!#-;=?-~]{1,40}$/).map((text) => `rtsp://u:SECRET${text}`);
  fc.assert(
    fc.property(address, (url) => {
      const { args, input } = withoutAddress(['-nostdin', '-timeout', '5', '-i', url, '-an', 'pipe:1']);
      expect(args.join(' ')).not.toContain('SECRET');
      expect(args).toEqual(expect.arrayContaining(['-nostdin', '-an', 'pipe:1']));
      // What a reader of the playlist makes of the quoted name (av_get_token of libavutil).
      const [, file = '', option] = input.split('\n');
      expect(file.slice("file '".length, -1).replaceAll(String.raw`'\''`, "'")).toBe(url);
      expect(option).toBe('option timeout 5');
    }),
  );
});

test('arguments without an address stay as they are', () => {
  const args = ['-nostdin', '-timeout', '5', '-i', 'file:/a', '-an'];
  expect(withoutAddress(args)).toEqual({ args, input: '' });
});

test('what another user of the box can see of a running ffmpeg has no address in it', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  const address = await new Promise<{ port: number }>((resolve) =>
    server.once('listening', () => resolve(server.address() as { port: number })),
  );
  const connected = new Promise((resolve) => server.once('connection', resolve));
  const stop = new AbortController();
  const child = await startDecoder({
    path: ffmpeg.path,
    args: ['-nostdin', '-i', `rtsp://me:${password}@127.0.0.1:${address.port}/x`, '-f', 'null', '-'],
    signal: stop.signal,
    onLine: () => false,
  });
  // Connecting, it has read the address.
  await connected;
  const shown = readFileSync(`/proc/${child.pid ?? 0}/cmdline`, 'latin1');
  stop.abort();
  await child.exited;
  server.close();
  expect(shown).toContain('pipe:0');
  expect(shown).not.toContain('me:');
});

test('the fault of an address is told without it', async () => {
  const error: unknown = await probe(parseSource(`rtsp://me:${password}@127.0.0.1:9/40401`), ffmpeg).catch(
    (fault: unknown) => fault,
  );
  expect(error).toMatchObject({ reason: 'refused' });
  expect(String(error)).not.toMatch(/p%40ss|word/);
});
