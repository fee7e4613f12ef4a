import { mkdtemp, readdir, readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSetting } from '../../../src/learning/camera-fit/setting.ts';
import type { FitRequest } from '../../../src/learning/fit/fit-record.ts';
import { loadBundle } from '../../../src/model/bundle.ts';
import { findFfmpeg } from '../../../src/video/ffmpeg/ffmpeg.ts';

const demo = fileURLToPath(new URL('../../../samples/demo.mp4', import.meta.url));

/** Frames wait in files without a name; those that this process has open. */
async function openRecords(): Promise<number> {
  const descriptors = await readdir('/proc/self/fd');
  const files = await Promise.all(descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return files.filter((file) => file.endsWith('.records (deleted)')).length;
}

it.runIf(process.platform === 'linux')('should release the frames where what comes after them fails', async () => {
  const request: FitRequest = {
    sources: [demo],
    resolution: '300x300',
    photographs: await mkdtemp(join(tmpdir(), 'edge-cls-no-photographs-')),
    region: null,
    bundle: 'inception-v3-cats-dogs',
    geometry: 'auto',
    view: 'auto',
    init: 'closed-form',
    stages: [],
    target: 'card',
    stream: null,
    frames: 4,
    batch: 2,
    learning_rate: null,
    tuned_learning_rate: null,
    steps: 1,
    epochs: null,
    seed: 1,
    budget_seconds: 60,
    force: false,
  };
  const said: string[] = [];
  const opening = openSetting(request, {
    bundle: await loadBundle(request.bundle),
    ffmpeg: await findFfmpeg(),
    stateDirectory: await mkdtemp(join(tmpdir(), 'edge-cls-state-')),
    device: 'cpu',
    signal: new AbortController().signal,
    onProgress: ({ what }) => said.push(what),
  });
  await expect(opening).rejects.toThrow(/no pictures|must (hold|have)/);
  expect(said).toEqual(['loading up to 4 frames']);
  expect(await openRecords()).toBe(0);
});
