import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { knock } from '../../../src/video/source/knock.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';

const timeoutMs = 5000;

test('who listens is not asked more', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ended = once(server, 'connection').then(([socket]: { resume(): { once: unknown } }[]) => socket?.resume());
  const { port } = server.address() as AddressInfo;
  await knock(parseSource(`rtsp://u:p/w@127.0.0.1:${port}/x`), { timeoutMs });
  await ended;
  server.close();
  await once(server, 'close');
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
