import { request as rawRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError, UserError } from '../../../src/domain/errors.ts';
import { redact } from '../../../src/domain/redact.ts';
import { rememberSecret } from '../../../src/domain/secrets.ts';
import type { HttpServer } from '../../../src/output/http/server.ts';
import { MemoryDaemon, start, status } from './support.ts';

const token = '0123456789abcdef0123456789abcdef';
let daemon: MemoryDaemon;
let server: HttpServer;
const faults: Error[] = [];

beforeEach(async () => {
  daemon = new MemoryDaemon();
  faults.length = 0;
  server = await start(daemon, { onFault: (error) => faults.push(error) });
});
afterEach(() => server.close());

const url = (path: string, at = server) => `http://127.0.0.1:${at.port}${path}`;
const post = (path: string, body?: unknown) =>
  fetch(url(path), {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
async function answer(response: Response) {
  return { status: response.status, body: await response.json() };
}
/** A connection on which a request was begun, open or closed again. */
function halfOpen(begun: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(begun, () => resolve(socket)));
    socket.on('error', () => resolve(socket));
  });
}
/** A request with any headers at all; fetch does not let a caller set Host. */
function withHeaders(path: string, headers: Record<string, string>, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    rawRequest(url(path), { headers, method }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('health', () => {
  it('answers 200, or 503 with the reasons', async () => {
    expect(await answer(await fetch(url('/healthz')))).toEqual({ status: 200, body: { ok: true, reasons: [] } });
    daemon.ready = { ok: false, reasons: ['The golden test fails on cuda'] };
    expect(await answer(await fetch(url('/readyz')))).toEqual({
      status: 503,
      body: { ok: false, reasons: ['The golden test fails on cuda'] },
    });
    expect((await fetch(url('/healthz'))).status).toBe(200);
  });
});

describe('streams', () => {
  it('lists all and shows one', async () => {
    expect(await answer(await fetch(url('/api/v1/streams')))).toEqual({
      status: 200,
      body: { streams: JSON.parse(JSON.stringify(daemon.list)) as unknown },
    });
    expect((await answer(await fetch(url('/api/v1/streams/yard')))).body).toMatchObject({
      name: 'yard',
      state: 'live',
    });
  });

  it('pauses, resumes and restarts, and answers with the state after', async () => {
    expect((await answer(await post('/api/v1/streams/gate/pause'))).body).toMatchObject({ name: 'gate', paused: true });
    expect((await answer(await post('/api/v1/streams/gate/resume'))).body).toMatchObject({ paused: false });
    expect((await answer(await post('/api/v1/streams/gate/restart'))).body).toMatchObject({ state: 'connecting' });
    expect(daemon.calls).toEqual(['pause gate', 'resume gate', 'restart gate']);
  });

  it('activates an adapter and rolls back', async () => {
    const digest = '9f3c'.repeat(16);
    expect((await answer(await post('/api/v1/streams/gate/adapter', { activate: digest }))).body).toMatchObject({
      adapter: { digest },
    });
    expect((await post('/api/v1/streams/gate/adapter', { rollback: true })).status).toBe(200);
    expect(daemon.calls).toEqual([`activate gate ${digest}`, 'rollback gate']);
  });

  it('finds a stream whose name needs escaping', async () => {
    daemon.list = [status('north gate/2')];
    expect((await fetch(url(`/api/v1/streams/${encodeURIComponent('north gate/2')}`))).status).toBe(200);
  });

  it('reloads', async () => {
    expect(await answer(await post('/api/v1/reload'))).toEqual({
      status: 200,
      body: { added: ['dock'], changed: [], removed: [], taken: ['streams'], needsRestart: ['http.port'] },
    });
  });
});

describe('errors', () => {
  it.each([
    ['GET', '/api/v1/streams/none', 404, /^There is no stream "none"/],
    ['POST', '/api/v1/streams/none/pause', 404, /^There is no stream "none"/],
    ['GET', '/nothing?token=abc', 404, /^There is no GET \/nothing$/],
    ['POST', '/api/v1/streams/gate/adapter', 400, /must be \{"activate": DIGEST\}/],
    ['DELETE', '/api/v1/streams/gate', 404, /^There is no DELETE/],
  ])('%s %s: %i', async (method, path, code, message) => {
    const { status: got, body } = await answer(await fetch(url(path), { method }));
    expect(got).toBe(code);
    expect(body).toEqual({ error: expect.stringMatching(message) as unknown });
    expect(daemon.calls).toEqual([]);
  });

  it.each([
    {},
    { activate: '../../etc/passwd' },
    { activate: 'ABCDEF012345' },
    { activate: '9f3c9f3c', rollback: true },
    { rollback: false },
    ['9f3c9f3c'],
    null,
  ])('refuses the adapter request %j', async (body) => {
    expect((await post('/api/v1/streams/gate/adapter', body)).status).toBe(400);
    expect(daemon.calls).toEqual([]);
  });

  it('passes a sentence for the user on, with the fitting status', async () => {
    expect(await answer(await post('/api/v1/streams/yard/adapter', { rollback: true }))).toEqual({
      status: 409,
      body: { error: 'The stream "yard" has no adapter before this one' },
    });
    daemon.failure = new ConfigurationError('streams[0].fps must be greater than 0, but it is -1');
    expect(await answer(await post('/api/v1/reload'))).toEqual({
      status: 422,
      body: { error: 'streams[0].fps must be greater than 0, but it is -1' },
    });
    expect(faults).toEqual([]);
  });

  it('keeps the text of a fault to the log', async () => {
    daemon.failure = new TypeError('undefined is not /a/secret/path');
    expect(await answer(await post('/api/v1/reload'))).toEqual({
      status: 500,
      body: { error: 'The daemon failed to answer: see its log' },
    });
    expect(faults).toEqual([daemon.failure]);
  });

  it('answers JSON that is not JSON with a sentence', async () => {
    const response = await fetch(url('/api/v1/streams/gate/adapter'), {
      method: 'POST',
      body: '{"activate"',
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toHaveProperty('error');
  });
});

describe('secrets', () => {
  it('takes passwords out of everything that is sent', async () => {
    const source = 'rtsp://admin:pa%21ss@10.0.0.7:554/1';
    daemon.list = [status('gate', { source, reason: `Cannot open ${source}`, framesDropped: { [source]: 1 } })];
    daemon.ready = { ok: false, reasons: [`No answer from ${source}`] };
    daemon.failure = new UserError(`Cannot restart ${source}`);
    await server.close();
    server = await start(daemon, {
      metrics: { text: () => Promise.resolve(`x{a="${source}"} 1\n`), contentType: 'text/plain' },
    });
    for (const path of ['/api/v1/streams', '/api/v1/streams/gate', '/readyz', '/metrics']) {
      const text = await (await fetch(url(path))).text();
      expect(text).toContain('//***@10.0.0.7');
      expect(text).not.toContain('pa%21ss');
    }
    const refused = await (await post('/api/v1/streams/gate/restart')).text();
    expect(refused).toContain('Cannot restart rtsp://***@10.0.0.7');
    expect(refused).not.toContain('pa%21ss');
  });
});

describe('metrics', () => {
  it('blank a secret in values of labels, and leave names alone', async () => {
    rememberSecret('edge-gate-9');
    rememberSecret('edge');
    await using told = await start(daemon, {
      redact,
      metrics: { text: () => Promise.resolve('edge_cls_up{stream="edge-gate-9"} 1\n'), contentType: 'text/plain' },
    });
    expect(await (await fetch(url('/metrics', told))).text()).toBe('edge_cls_up{stream="***"} 1\n');
  });
});

describe('who may ask', () => {
  it('refuses to listen for others without a token', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.1.2', 'example.org']) {
      await expect(start(daemon, { host })).rejects.toThrow(ConfigurationError);
      await expect(start(daemon, { host })).rejects.toThrow(`to listen on "${host}"`);
    }
  });

  it('wants the token on every route that tells or does something', async () => {
    await using guarded = await start(daemon, { host: '0.0.0.0', token });
    const ask = (path: string, authorization?: string, method = 'GET') =>
      fetch(url(path, guarded), { method, headers: authorization === undefined ? {} : { authorization } });
    const routes = [
      ['GET', '/metrics'],
      ['GET', '/api/v1/streams'],
      ['GET', '/api/v1/streams/gate'],
      ['POST', '/api/v1/streams/gate/pause'],
      ['POST', '/api/v1/reload'],
      ['GET', '/nothing'],
    ] as const;
    for (const [method, path] of routes) {
      for (const wrong of [undefined, 'Bearer', `Bearer ${token}0`, `Bearer ${token.slice(1)}`, `Basic ${token}`]) {
        const response = await ask(path, wrong, method);
        expect([path, wrong, response.status]).toEqual([path, wrong, 401]);
        expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    }
    expect(daemon.calls).toEqual([]);
    expect((await ask('/metrics', `Bearer ${token}`)).status).toBe(200);
    expect((await ask('/api/v1/streams/gate/pause', `bearer ${token}`, 'POST')).status).toBe(200);
  });

  it('tells probes without a token yes or no, and no more', async () => {
    daemon.ready = { ok: false, reasons: ['The golden test fails on cuda'] };
    await using guarded = await start(daemon, { token });
    expect(await answer(await fetch(url('/readyz', guarded)))).toEqual({ status: 503, body: { ok: false } });
    expect((await answer(await fetch(url('/healthz', guarded)))).status).toBe(200);
  });

  it('refuses pages of other sites while no token is set', async () => {
    const own = `127.0.0.1:${server.port}`;
    expect(await withHeaders('/api/v1/reload', { host: own, origin: 'http://evil.example' }, 'POST')).toBe(403);
    expect(await withHeaders('/api/v1/streams', { host: `evil.example:${server.port}` })).toBe(403);
    expect(await withHeaders('/api/v1/streams', { host: own, origin: `http://${own}` })).toBe(200);
    expect(await withHeaders('/api/v1/streams', { host: `localhost:${server.port}` })).toBe(200);
    expect(await withHeaders('/api/v1/streams', { host: '[::1]' })).toBe(200);
    expect(daemon.calls).toEqual([]);
  });
});

describe('limits', () => {
  it('refuses a large body and large headers', async () => {
    const large = await post('/api/v1/streams/gate/adapter', { activate: 'a'.repeat(5000) });
    expect(large.status).toBe(413);
    expect(await withHeaders('/healthz', { 'x-large': 'a'.repeat(9000) })).toBe(431);
  });

  it('answers while others keep connections open without asking', async () => {
    const sockets = await Promise.all(Array.from({ length: 100 }, (_, index) => halfOpen(index % 2 ? 'GET /met' : '')));
    expect((await fetch(url('/healthz'))).status).toBe(200);
    expect((await fetch(url('/metrics'))).status).toBe(200);
    await expect.poll(() => sockets.filter(({ destroyed }) => !destroyed).length).toBeLessThanOrEqual(32);
    for (const socket of sockets) socket.destroy();
  });

  it('answers while ten thousand connect', async () => {
    const sockets: Promise<Socket>[] = [];
    for (let burst = 0; burst < 50; burst++) {
      for (let i = 0; i < 200; i++) sockets.push(halfOpen('GET /healthz HTTP/1.1\r\nhost: 127'));
      expect((await fetch(url('/healthz'), { signal: AbortSignal.timeout(2000) })).status).toBe(200);
    }
    for (const socket of await Promise.all(sockets)) socket.destroy();
  });

  it('gives headers two seconds', async () => {
    const socket = await halfOpen('GET /healthz HTTP/1.1\r\n');
    const asked = performance.now();
    await new Promise((resolve) => socket.once('close', resolve).resume());
    expect(performance.now() - asked).toBeLessThan(5000);
  });

  it('says which port is taken and which address is none of this machine, as faults of the configuration', async () => {
    const taken = start(daemon, { port: server.port });
    await expect(taken).rejects.toThrow(`port ${server.port}, but cannot (EADDRINUSE): set http.port`);
    await expect(taken).rejects.toThrow(ConfigurationError);
    const foreign = start(daemon, { host: '192.0.2.1', token });
    await expect(foreign).rejects.toThrow('cannot (EADDRNOTAVAIL): set http.host');
    await expect(foreign).rejects.toThrow(ConfigurationError);
  });

  it('closes although a client keeps its connection open', async () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await server.close();
    await closed;
    await expect(fetch(url('/healthz'))).rejects.toThrow();
  });
});
