import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { probe } from '../../../src/video/source/probe.ts';
import { SourceError } from '../../../src/video/source/source-error.ts';
import { parseSource } from '../../../src/video/source/source-spec.ts';
import { ffmpeg as run, makePicture, makeVideo, temporaryDirectory } from '../../support/videos.ts';
import { sharedData } from '../../support/shared.ts';
import { ffmpeg } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const at = (name: string) => join(directory.path, name);
const ask = async (path: string) => await probe(parseSource(path), ffmpeg);
const plain = makeVideo(at('plain.mp4'), { size: '160x90', rate: 12.5, seconds: 2 });

describe('what a source is', () => {
  test('plain', async () => {
    expect(await ask(plain)).toEqual({
      codec: 'h264',
      pixelFormat: 'yuv420p',
      native: { width: 160, height: 90 },
      display: { width: 160, height: 90 },
      colours: { transfer: 'unknown', primaries: 'unknown', matrix: 'unknown', range: 'unknown' },
      sampleAspectRatio: 1,
      frameRate: 12.5,
      durationSeconds: 2,
      hasAudio: false,
    });
  });

  test.each([90, 180, 270])('turned by %i degrees: as ffmpeg itself turns it', async (angle) => {
    const path = at(`turned${angle}.mp4`);
    run('-i', plain, '-c', 'copy', '-metadata:s:v', `rotate=${angle}`, path);
    const upright = execFileSync('ffmpeg', [
      '-v',
      'error',
      '-i',
      path,
      '-frames:v',
      '1',
      '-f',
      'image2pipe',
      '-c:v',
      'png',
      '-',
    ]);
    const info = await ask(path);
    expect(info.displayMatrix).toBe(true);
    expect(info.native).toEqual(info.display);
    expect(info.display).toEqual({ width: upright.readUInt32BE(16), height: upright.readUInt32BE(20) });
  });

  test('pixels that are not square', async () => {
    const path = makeVideo(at('anamorphic.mkv'), { size: '160x120', output: ['-vf', 'setsar=4/3'] });
    expect(await ask(path)).toMatchObject({
      native: { width: 160, height: 120 },
      display: { width: 213, height: 120 },
      sampleAspectRatio: 4 / 3,
    });
  });

  test('sound beside the picture, and a picture that is not the first stream', async () => {
    const path = at('sound.mkv');
    run('-f', 'lavfi', '-i', 'sine=d=1', '-i', plain, '-map', '0', '-map', '1', '-c:v', 'copy', path);
    expect(await ask(path)).toMatchObject({ codec: 'h264', hasAudio: true, native: { width: 160, height: 90 } });
  });

  test('other codecs', async () => {
    const hevc = makeVideo(at('hevc.mp4'), {
      output: ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-tag:v', 'hvc1'],
    });
    const ten = makeVideo(at('ten.mkv'), { output: ['-pix_fmt', 'yuv420p10le'] });
    expect(await ask(hevc)).toMatchObject({ codec: 'hevc' });
    expect(await ask(ten)).toMatchObject({ codec: 'h264', pixelFormat: 'yuv420p10le' });
    expect(await ask(makeVideo(at('motion.avi'), { output: ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'] }))).toMatchObject(
      { codec: 'mjpeg' },
    );
  });

  test('names that ffmpeg would take for something else', async () => {
    for (const name of ['a b.mp4', "it's.mp4", '100%d.mp4', 'a:b.mp4', '-i.mp4', 'größe 猫.mp4', 'x[1];y,z.mp4']) {
      copyFileSync(plain, at(name));
      expect(await ask(at(name))).toMatchObject({ codec: 'h264' });
    }
  });

  test('a picture has neither rate nor duration', async () => {
    const info = await ask(makePicture(at('picture %d.png'), '30x20', 'red'));
    expect(info).toEqual({
      codec: 'png',
      pixelFormat: 'rgb24',
      native: { width: 30, height: 20 },
      display: { width: 30, height: 20 },
      sampleAspectRatio: 1,
      hasAudio: false,
      imageCount: 1,
    });
  });

  const real = sharedData('videos/car-detection.mp4');
  test.skipIf(real === undefined)('a real recording (needs ../shared/data)', async () => {
    expect(await ask(real!)).toMatchObject({
      codec: 'h264',
      native: { width: 768, height: 432 },
      frameRate: 12.5,
      hasAudio: true,
    });
  });
});

describe('what it is not', () => {
  const fails = async (path: string) => {
    const error = await ask(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SourceError);
    return error as SourceError;
  };

  test('sound only, also with a cover picture', async () => {
    run('-f', 'lavfi', '-i', 'sine=d=1', at('sound.m4a'));
    makePicture(at('cover.jpg'), '32x32', 'red');
    run(
      '-f',
      'lavfi',
      '-i',
      'sine=d=1',
      '-i',
      at('cover.jpg'),
      '-map',
      '0',
      '-map',
      '1',
      '-disposition:v',
      'attached_pic',
      at('cover.mp3'),
    );
    expect((await fails(at('sound.m4a'))).message).toMatch(/has no video, only sound/);
    expect((await fails(at('cover.mp3'))).message).toMatch(/has no video, only sound/);
  });

  test('a text', async () => {
    writeFileSync(at('text.mp4'), 'Hello world, this is no video.\n');
    expect((await fails(at('text.mp4'))).message).toMatch(/must be a video, but is a text file/);
  });

  test('cut off before its index', async () => {
    const whole = readFileSync(plain);
    writeFileSync(at('cut.mp4'), whole.subarray(0, whole.indexOf('moov') - 100));
    expect((await fails(at('cut.mp4'))).message).toMatch(/cut off: the index \(moov\)/);
  });

  test('encrypted', async () => {
    const key = '76a6c65c5ea762046bd749a2e632ccbb';
    run(
      '-i',
      plain,
      '-c',
      'copy',
      '-encryption_scheme',
      'cenc-aes-ctr',
      '-encryption_key',
      key,
      '-encryption_kid',
      key,
      at('locked.mp4'),
    );
    expect((await fails(at('locked.mp4'))).message).toMatch(/is encrypted/);
  });

  test('noise', async () => {
    writeFileSync(at('noise.mp4'), Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31) % 256)));
    expect((await fails(at('noise.mp4'))).message).toMatch(/noise\.mp4 gives no frames/);
  });

  test('nobody listens: the reason is for a metric, the password for nobody', async () => {
    const error = await fails('rtsp://admin:geheim%21@127.0.0.1:9/x');
    expect(error.reason).toBe('refused');
    expect(error.message).not.toContain('geheim');
  });

  test('no answer within the time; the child is gone', async () => {
    execFileSync('mkfifo', [at('silent.mp4')]);
    const asked = probe(parseSource(at('silent.mp4')), ffmpeg, { timeoutMs: 300 });
    await expect(asked).rejects.toMatchObject({ reason: 'timeout' });
  });

  test('aborted: the signal’s own reason', async () => {
    execFileSync('mkfifo', [at('silent2.mp4')]);
    const asked = probe(parseSource(at('silent2.mp4')), ffmpeg, { signal: AbortSignal.timeout(200) });
    await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
