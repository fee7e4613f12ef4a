import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cameraOf, type Camera, type CameraOptions } from '../../../src/learning/data/camera.ts';
import { viewOf } from '../../../src/model/view.ts';
import type { FrameSet } from '../../../src/learning/data/frame-set.ts';
import { loadFrames, type LoadOptions } from '../../../src/learning/data/load-frames.ts';
import { loadBundle, type Bundle } from '../../../src/model/bundle.ts';
import { makeVideo, temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg } from '../../video/support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
let bundle: Bundle;

/** Single-coloured pictures: `red` of picture i is 10·i. */
async function pictures(folder: string, from: number, count: number, size = { width: 40, height: 30 }) {
  mkdirSync(at(folder), { recursive: true });
  for (let i = from; i < from + count; i++) {
    await sharp({ create: { ...size, channels: 3, background: { r: 10 * i, g: 50, b: 200 } } })
      .png()
      .toFile(at(`${folder}/${String(i).padStart(3, '0')}.png`));
  }
}

beforeAll(async () => {
  bundle = await loadBundle('inception-v3-cats-dogs');
  await pictures('labelled/cats', 0, 4);
  await pictures('labelled/Dog', 4, 6);
  await pictures('plain', 0, 20);
});

function camera(sources: readonly string[], options: Partial<CameraOptions> = {}): Promise<Camera> {
  const { card } = bundle;
  return cameraOf(sources, { card, device: 'cpu', geometry: 'auto', resolution: 'auto', ffmpeg, ...options });
}

function load(view: Camera, options: Partial<LoadOptions> = {}): Promise<FrameSet> {
  return loadFrames(view, { ffmpeg, random: () => 0.5, ...options });
}

/** First pixel of each frame as [red, green, blue]. */
async function colours(set: FrameSet): Promise<number[][]> {
  const plane = set.grid.width * set.grid.height;
  const all: number[][] = [];
  for (let i = 0; i < set.length; i++) {
    const pixels = await set.read(i);
    all.push([pixels[2 * plane]!, pixels[0]!, pixels[plane]!]);
  }
  return all;
}

describe('a labelled folder', () => {
  test('every frame has the class of its sub-folder; case and a plural s do not matter', async () => {
    await using set = await load(await camera([at('labelled')]));
    expect(set.labels).toEqual(Int32Array.of(1, 1, 1, 1, 1, 1, 0, 0, 0, 0));
    expect((await colours(set)).map(([red]) => red)).toEqual([40, 50, 60, 70, 80, 90, 0, 10, 20, 30]);
    expect(set.grid).toEqual({ width: 150, height: 150 });
  });

  test('what cannot be read of it is left out and told', async () => {
    await pictures('partly/cats', 0, 2);
    await pictures('partly/dogs', 2, 2);
    for (const name of ['cats/002.png', 'dogs/001.png']) writeFileSync(at(`partly/${name}`), 'no picture');
    const told: string[] = [];
    await using set = await load(await camera([at('partly')]), { onMissing: (sentence) => told.push(sentence) });
    expect(set.length).toBe(4);
    expect(told).toEqual([`2 pictures are left out, the first: ${at('partly/cats/002.png')} is no picture`]);
  });

  test('a limit takes from each class its share', async () => {
    await using set = await load(await camera([at('labelled')]), { limit: 5 });
    expect(set.labels).toEqual(Int32Array.of(1, 1, 1, 0, 0));
  });

  test('a folder with strange sub-folders, or pictures beside them, is refused by name', async () => {
    await pictures('strange/cats', 0, 1);
    await pictures('strange/dgo', 1, 1);
    await expect(camera([at('strange')])).rejects.toThrow(/named after a label .* dgo is none; did you mean dog\?/);
    await pictures('loose/cats', 0, 1);
    await pictures('loose', 1, 1);
    await expect(camera([at('loose')])).rejects.toThrow(/pictures lie beside the sub-folders/);
    await expect(camera([at('labelled'), at('plain')])).rejects.toThrow(/all labelled .* or all unlabelled/);
  });
});

describe('pixels', () => {
  test('a resolution: every picture is stretched to it, then brought to its grid', async () => {
    const view = await camera([at('plain')], { resolution: { width: 640, height: 480 }, view: 'whole' });
    expect(view.choice.geometry.grid).toEqual({ width: 300, height: 300 });
    await using set = await load(view, { limit: 3 });
    expect(set.labels).toBeUndefined();
    expect(await colours(set)).toEqual([
      [30, 50, 200],
      [90, 50, 200],
      [160, 50, 200],
    ]);
  });

  test('a photograph fills a tile of the camera, whose geometry is that of a video of this size', async () => {
    const resolution = { width: 1280, height: 720 };
    const photographs = await camera([at('plain')], { resolution });
    expect(photographs).toMatchObject({ view: 'tiles', native: { width: 720, height: 720 } });
    const usual = {
      card: bundle.card,
      device: 'cpu',
      geometry: 'auto',
      view: 'auto',
      region: undefined,
      sizesDiffer: false,
    } as const;
    const video = viewOf({ ...usual, display: resolution });
    expect(photographs.choice.geometry).toEqual(video.choice.geometry);
    await using set = await load(photographs, { limit: 3 });
    expect(await colours(set)).toEqual([
      [30, 50, 200],
      [90, 50, 200],
      [160, 50, 200],
    ]);
  });

  test('what is changed is changed at the size of the camera', async () => {
    const view = await camera([at('plain')], { resolution: { width: 640, height: 480 }, view: 'whole' });
    const sizes = new Set<number>();
    const blackens = async function* (frames: AsyncIterable<Uint8Array>) {
      for await (const frame of frames) {
        sizes.add(frame.length);
        yield frame.fill(0, 0, frame.length / 3);
      }
    };
    await using set = await load(view, { limit: 2, change: blackens });
    expect([...sizes]).toEqual([3 * 640 * 480]);
    expect(await colours(set)).toEqual([
      [50, 0, 200],
      [150, 0, 200],
    ]);
  });

  test('equal frames have equal fingerprints, others have not', async () => {
    const view = await camera([at('plain')]);
    await using a = await load(view, { limit: 4 });
    await using b = await load(view, { limit: 4 });
    await using c = await load(view, { limit: 4, random: () => 0.9 });
    expect(a.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(b.fingerprint).toBe(a.fingerprint);
    expect(c.fingerprint).not.toBe(a.fingerprint);
  });
});

describe('videos', () => {
  test('frames are taken evenly over the whole of it', async () => {
    const path = makeVideo(at('video.mp4'), { seconds: 4, rate: 10 });
    await using few = await load(await camera([path]), { limit: 8 });
    expect(few.length).toBe(8);
    await using all = await load(await camera([path]));
    expect(all.length).toBe(40);
    const first = await few.read(0);
    const last = await few.read(7);
    expect(Buffer.compare(first, last)).not.toBe(0);
  });

  test('of one that is cut off it is told how much came', async () => {
    const whole = makeVideo(at('whole.mp4'), { seconds: 8, rate: 10, output: ['-g', '5', '-movflags', '+faststart'] });
    const bytes = readFileSync(whole);
    writeFileSync(at('cut.mp4'), bytes.subarray(0, bytes.length / 2));
    const told: string[] = [];
    const onMissing = (sentence: string) => told.push(sentence);
    await using all = await load(await camera([whole]), { onMissing });
    expect(told).toEqual([]);
    await using set = await load(await camera([at('cut.mp4')]), { onMissing });
    expect(set.length).toBeLessThan(all.length);
    expect(told).toEqual([expect.stringMatching(/cut\.mp4 must last 8\.0 s as it says, but only [2-5]\.\d s of it/)]);
  });

  test('an abort ends it with the reason', async () => {
    const path = makeVideo(at('aborted.mp4'), { seconds: 4 });
    const view = await camera([path], { resolution: { width: 640, height: 480 } });
    await expect(load(view, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

test('reading outside of the set and into a wrong buffer are errors', async () => {
  await using set = await load(await camera([at('plain')]), { limit: 2 });
  await expect(set.read(2)).rejects.toThrow(/0 to 1, it was 2/);
  await expect(set.read(0, new Uint8Array(3))).rejects.toThrow(/67500 bytes, it has 3/);
});
