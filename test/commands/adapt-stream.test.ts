/** `adapt --stream NAME`: the stream is what a configuration says it is. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/load.ts';
import { planStream } from '../../src/daemon/stream/stream-plan.ts';
import { ffmpegSources } from '../../src/daemon/stream/sources.ts';
import { baselinePath, readBaseline } from '../../src/learning/baseline/baseline.ts';
import { readFitRecord } from '../../src/learning/fit/fit-record.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { findFfmpeg } from '../../src/video/ffmpeg/ffmpeg.ts';
import { makeVideo, temporaryDirectory } from '../support/videos.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const directory = temporaryDirectory();
const state = join(directory.path, 'state');
const path = join(directory.path, 'config.yaml');
const password = 'p@ss/w0rd';
const video = makeVideo(join(directory.path, 'door.ts'), { size: '640x360', seconds: 6 });
const camera = createServer((_, response) => response.end(readFileSync(video)));

beforeAll(async () => {
  await new Promise<void>((resolve) => camera.listen(0, '127.0.0.1', resolve));
  const { port } = camera.address() as AddressInfo;
  const common = { bundle: 'inception-v3-cats-dogs', geometry: 'staged' };
  const streams = [
    { name: 'file', source: video, region: '0.5,0,0.5,1' },
    { name: 'camera', source: `http://viewer:\${credential:door}@127.0.0.1:${port}/door.ts` },
  ];
  writeFileSync(path, JSON.stringify({ device: 'cpu', state_directory: state, stream_defaults: common, streams }));
});
afterAll(() => {
  camera.close();
  directory.remove();
});

function adapt(...args: string[]) {
  const env = { EDGE_CLS_CREDENTIAL_DOOR: password };
  return execa(process.execPath, ['--import', 'tsx', main, 'adapt', '--config', path, ...args], { env, reject: false });
}

describe('adapt --stream', () => {
  test('records the baseline of the geometry that the service runs the stream with, its region too', async () => {
    const { exitCode } = await adapt('--stream', 'file', '--record-baseline');
    expect(exitCode).toBe(0);
    const [stream] = resolveConfig({
      file: { path, text: readFileSync(path, 'utf8') },
      env: { EDGE_CLS_CREDENTIAL_DOOR: '' },
    }).streams;
    if (!stream) throw new Error('the configuration has streams');
    const bundle = await loadBundle(stream.bundle);
    const plan = await planStream(stream, {
      look: ffmpegSources(await findFfmpeg()).look,
      device: { device: 'cpu' },
      bundle,
    });
    const target = { bundleDigest: bundle.card.model.digest, geometry: plan.choice.geometry };
    expect((await readBaseline(baselinePath(state, 'file', target)))?.frames).toBe(60);
  });

  test('the password of a camera is in no record, report or adapter', async () => {
    const { exitCode, stdout } = await adapt('--stream', 'camera', '--json', '--objective', 'align', '--epochs', '1');
    expect(exitCode).toBe(0);
    const [fit = ''] = readdirSync(join(state, 'fits'));
    const folder = join(state, 'fits', fit);
    expect((await readFitRecord(folder)).request.sources).toEqual([expect.stringContaining('http://***@127.0.0.1')]);
    const written = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'));
    for (const text of [stdout, ...written]) expect(text).not.toContain('w0rd');
  });

  test('says which streams there are', async () => {
    const { exitCode, stderr } = await adapt('--stream', 'gate');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`--stream must be a stream of ${path}, which has file, camera, not gate`);
  });
});
