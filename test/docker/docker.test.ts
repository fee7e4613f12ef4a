import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(root, path), 'utf8');

/** The instructions of the Dockerfile, continuation lines joined, comments dropped. */
const instructions = read('Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/ *\\\n */g, ' ')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => ({ name: line.split(' ')[0] ?? '', rest: line.slice(line.indexOf(' ') + 1).trim() }));
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const last = (name: string) => lastStage.findLast((each) => each.name === name)?.rest;

interface Compose {
  services: Record<
    string,
    { read_only?: boolean; cap_drop?: string[]; security_opt?: string[]; volumes?: string[]; secrets?: string[] }
  >;
  secrets: Record<string, { file: string }>;
}
const compose = parse(read('compose.yaml')) as Compose;

describe('Dockerfile', () => {
  it('runs as a user that is not root, under an init, with a health check', () => {
    expect(last('USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(JSON.parse(last('ENTRYPOINT') ?? '')).toEqual([
      'tini',
      '-g',
      '--',
      'node',
      '--single-threaded-gc',
      '/opt/edge-cls/dist/main.js',
    ]);
    expect(last('HEALTHCHECK')).toContain('docker/ready.mjs');
  });

  it('uses the steps of the set-up script', () => {
    expect(instructions.some(({ name, rest }) => name === 'RUN' && rest.startsWith('scripts/setup.sh'))).toBe(true);
  });

  it('copies what is there and what .dockerignore lets through', () => {
    const allowed = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path = '']) => path);
    for (const path of allowed) expect(existsSync(resolve(root, path)), path).toBe(true);
    const copied = lastStage
      .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
      .map(({ rest }) => rest.split(' ')[0] ?? '');
    expect(copied.length).toBeGreaterThan(0);
    for (const path of copied) {
      expect(
        allowed.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)),
        path,
      ).toBe(true);
    }
  });

  it('names the version of every base image', () => {
    const images = instructions.filter(({ name }) => name === 'FROM').map(({ rest }) => rest.split(' ')[0] ?? '');
    for (const image of images.filter((each) => !each.startsWith('base-'))) expect(image).toMatch(/:[\d.]+-/);
  });

  const hadolint = spawnSync('hadolint', ['--version']).error === undefined;
  it.skipIf(!hadolint)(`is clean for hadolint${hadolint ? '' : ' (hadolint is absent)'}`, () => {
    const run = spawnSync('hadolint', ['Dockerfile'], { cwd: root, encoding: 'utf8' });
    expect({ status: run.status, output: run.stdout + run.stderr }).toEqual({ status: 0, output: '' });
  });
});

describe('compose.yaml', () => {
  it('gives no service a writable root, a capability or a way to gain one', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      expect([name, service.read_only, service.cap_drop, service.security_opt]).toEqual([
        name,
        true,
        ['ALL'],
        ['no-new-privileges:true'],
      ]);
    }
  });

  it('mounts what is there and declares the secrets that it uses', () => {
    for (const { volumes = [], secrets = [] } of Object.values(compose.services)) {
      for (const [from = ''] of volumes.map((volume) => volume.split(':'))) {
        if (from.startsWith('.')) expect(existsSync(resolve(root, from)), from).toBe(true);
      }
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
    }
  });

  it('has a configuration that loads with the credential', async () => {
    const config = await loadConfig({
      path: resolve(root, 'docker/config.yaml'),
      env: {
        EDGE_CLS_CREDENTIAL_CAMERA: 'p@ss',
        EDGE_CLS_HTTP_HOST: '0.0.0.0',
        EDGE_CLS_HTTP_TOKEN_FILE: '/run/secrets/http-token',
      },
    });
    expect(config.streams.map(({ name, source }) => [name, source])).toEqual([
      ['demo', 'rtsp://viewer:p%40ss@camera:8554/demo'],
    ]);
    expect(config.http.host).toBe('0.0.0.0');
  });
});

describe('ready.mjs', () => {
  const probe = (port: number) =>
    execa('node', [resolve(root, 'docker/ready.mjs')], { env: { EDGE_CLS_HTTP_PORT: String(port) }, reject: false });

  it('says by its exit code whether the daemon is ready', async () => {
    let status = 200;
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/readyz' ? status : 404).end('{"ok":false}');
    }).listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    expect((await probe(port)).exitCode).toBe(0);
    status = 503;
    expect(await probe(port)).toMatchObject({ exitCode: 1, stdout: '{"ok":false}' });
    await new Promise((done) => server.close(done));
    expect(await probe(port)).toMatchObject({ exitCode: 1, stdout: 'ECONNREFUSED' });
  });
});
