import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { knock } from '../../../src/video/source/knock.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';

const timeoutMs = 5000;

/** Does the given with each connection that has asked something. */
async function camera(onRequest: (socket: Socket) => void) {
  const requests: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (bytes) => {
      requests.push(bytes.toString());
      onRequest(socket);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close();
    await once(server, 'close');
  };
  return { port, requests, [Symbol.asyncDispose]: close };
}

test.each([
  ['answers', (socket: Socket) => socket.write('RTSP/1.0 401 Unauthorized\r\n')],
  ['hangs up', (socket: Socket) => socket.end()],
])('a camera that %s is not asked again, and has seen no password', async (_, onRequest) => {
  await using listening = await camera(onRequest);
  const url = `rtsp://127.0.0.1:${listening.port}/x?y=1`;
  const spec = parseSource(url.replace('//', '//u:p/w@'));
  await knock(spec, { timeoutMs });
  await knock(spec, { timeoutMs });
  expect(listening.requests).toEqual([`OPTIONS ${url} RTSP/1.0\r\nCSeq: 1\r\n\r\n`]);
});

test('what a camera means that breaks off is for ffmpeg to say', async () => {
  await using rude = await camera((socket) => socket.resetAndDestroy());
  await knock(parseSource(`rtsp://127.0.0.1:${rude.port}/x`), { timeoutMs });
});

test('a camera that says nothing is given up', async () => {
  await using silent = await camera(() => undefined);
  const asked = knock(parseSource(`rtsp://127.0.0.1:${silent.port}/x`), { timeoutMs: 100 });
  await expect(asked).rejects.toMatchObject({
    reason: 'timeout',
    message: expect.stringContaining('must answer within 0.1 s, but does not') as unknown,
  });
});

test.each([
  ['rtsp://u:secret@127.0.0.1:9/x', 'refused', 'rtsp://***@127.0.0.1:9/x gives no frames: nothing listens'],
  ['http://[::ffff:127.0.0.1]:9/x', 'refused', 'nothing listens at this address'],
  ['rtsp://nowhere.invalid/x', 'dns', 'its host name is not known'],
])('%s: %s', async (address, reason, words) => {
  const asked = knock(parseSource(address), { timeoutMs });
  await expect(asked).rejects.toMatchObject({ reason, message: expect.stringContaining(words) as unknown });
});

test('what is no address is not asked', async () => {
  await knock({ kind: 'device', live: true, path: '/dev/video0' }, { timeoutMs });
});

test('an abort is the end of it', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(knock(parseSource('rtsp://127.0.0.1:9/x'), { signal, timeoutMs })).rejects.toThrow('enough');
});
