import { describe, expect, test } from 'vitest';
import { UserError } from '../../../src/domain/errors.ts';
import { decodeArguments, type DecodeOptions } from '../../../src/video/decode/arguments.ts';
import { HardwareWatch } from '../../../src/video/decode/hardware.ts';
import { Showinfo } from '../../../src/video/decode/showinfo.ts';
import type { SourceInfo } from '../../../src/video/source/source-info.ts';

const info: SourceInfo = {
  codec: 'h264',
  pixelFormat: 'yuv420p',
  native: { width: 1920, height: 1080 },
  display: { width: 1920, height: 1080 },
  sampleAspectRatio: 1,
  hasAudio: false,
};

function line(options: Partial<DecodeOptions>): string {
  return decodeArguments({
    spec: { kind: 'rtsp', live: true, url: 'rtsp://cam/1' },
    info,
    grid: { width: 300, height: 300 },
    ffmpegVersion: [5, 1],
    ...options,
  }).join(' ');
}

describe('arguments', () => {
  test('a camera is read over TCP, with a limit, and damaged packets are thrown away', () => {
    expect(line({})).toMatch(
      /-fflags \+discardcorrupt .*-fpsprobesize 0 -rtsp_transport tcp -timeout 20000000 -i rtsp:\/\/cam\/1/,
    );
    expect(line({ spec: { kind: 'http', live: true, url: 'http://cam/1' } })).toMatch(/-rw_timeout 20000000 -i/);
  });

  test('a live source is decoded by one thread, a file by as many as ffmpeg likes', () => {
    expect(line({})).toMatch(/-threads 1 .*-i/);
    expect(line({ spec: { kind: 'file', live: false, path: '/x' } })).not.toMatch(/-threads/);
  });

  test('options follow the version', () => {
    expect(line({ ffmpegVersion: [5, 0] })).toMatch(/-vsync passthrough/);
    expect(line({ ffmpegVersion: [5, 1] })).toMatch(/-fps_mode passthrough/);
    expect(line({ ffmpegVersion: [8, 0] })).toMatch(/-fps_mode passthrough/);
  });

  test('a file is paced only when asked, a live source never', () => {
    const spec = { kind: 'file', live: false, path: '/x' } as const;
    expect(line({ spec })).not.toMatch(/-re /);
    expect(line({ spec, realtime: true })).toMatch(/-re -i file:\/x/);
    expect(line({ realtime: true })).not.toMatch(/-re /);
  });

  test('a part ends ffmpeg a little behind it, and is paced from its beginning', () => {
    const spec = { kind: 'file', live: false, path: '/x', part: { startSeconds: 90, durationSeconds: 20 } } as const;
    const entry = { seconds: 80, shiftSeconds: 80.04 };
    expect(line({ spec, framesPerSecond: 0.5 })).toMatch(/-i file:\/x .*-filter:v trim=end=113\.0+,fps=0\.5/);
    expect(line({ spec, info: { ...info, entry } })).toMatch(
      /-ss 80 -i file:\/x .*setpts=PTS\+round\(80\.040*\/TB\),trim/,
    );
    expect(line({ spec, realtime: true })).not.toMatch(/-re /);
    expect(line({ spec, realtime: true })).toMatch(/select='isnan\(t\)\+gte\(t,90\.0+\)',realtime/);
    const camera = { kind: 'device', live: true, path: '/x', part: { startSeconds: 0, durationSeconds: 20 } } as const;
    expect(line({ spec: camera })).toMatch(/setpts=\S*,trim=end=21/);
  });

  test('hardware frames can come from hardware only', () => {
    expect(line({ hardware: 'vaapi' })).toMatch(
      /-hwaccel vaapi -hwaccel_output_format vaapi .*hwdownload,format=nv12,.*showinfo/,
    );
    expect(line({ hardware: 'cuda', info: { ...info, pixelFormat: 'yuv420p10le' } })).toMatch(
      /hwdownload,format=p010le/,
    );
    expect(line({ hardware: 'v4l2m2m' })).toMatch(/-c:v h264_v4l2m2m .*-i/);
    expect(line({ hardware: 'auto' })).toMatch(/-loglevel \S*verbose .*-hwaccel auto/);
    expect(() => line({ hardware: 'v4l2m2m', info: { ...info, codec: 'av1' } })).toThrow(UserError);
  });
});

describe('which decoder it came to', () => {
  const watch = (...lines: string[]) => {
    const watching = new HardwareWatch('auto');
    for (const text of lines) watching.line(text);
    return watching.report();
  };
  const found = '[h264 @ 0x1] [verbose] Using auto hwaccel type vaapi with new default device.';

  test('found', () => expect(watch(found)).toEqual({ hardware: 'vaapi', reason: 'found by ffmpeg' }));

  test('found, but not for this stream', () => {
    const failed = '[h264 @ 0x1] [verbose] Failed setup for format vaapi: hwaccel initialisation returned error.';
    expect(watch(found, failed)).toMatchObject({
      hardware: 'none',
      reason: expect.stringContaining('vaapi could not') as string,
    });
  });

  test('not found', () => {
    expect(watch('[h264 @ 0x1] [verbose] Auto hwaccel disabled: no device found.')).toMatchObject({ hardware: 'none' });
  });
});

describe('showinfo', () => {
  test.each([
    [
      'ffmpeg 5.1',
      '[showinfo@native @ 0x561f] [info] n:   3 pts:  27000 pts_time:0.3     pos:     8079 fmt:yuv420p sar:1/1 s:160x120 i:P iskey:0 type:B ',
      { presentationSeconds: 0.3, native: { width: 160, height: 120 }, sampleAspectRatio: 1, pixelFormat: 'yuv420p' },
    ],
    [
      'ffmpeg 7.1',
      '[showinfo@native @ 0x5] [info] n:   0 pts:      0 pts_time:0       duration:      1 duration_time:0.04    fmt:yuv420p cl:left sar:0/1 s:1280x720 i:P iskey:1 type:I ',
      { presentationSeconds: 0, native: { width: 1280, height: 720 }, sampleAspectRatio: 1, pixelFormat: 'yuv420p' },
    ],
    [
      'no time stamp',
      '[showinfo@native @ 0x5] [info] n:   0 pts:   NOPTS pts_time:NOPTS   pos: 0 fmt:gray sar:4/3 s:8x8 i:P',
      {
        presentationSeconds: undefined,
        native: { width: 8, height: 8 },
        sampleAspectRatio: 4 / 3,
        pixelFormat: 'gray',
      },
    ],
  ])('of %s', (_, text, expected) => {
    const showinfo = new Showinfo();
    showinfo.frame('[showinfo@native @ 0x5] [info] config in time_base: 1/90000, frame_rate: 10/1');
    expect(showinfo.frame(text)).toEqual(expected);
  });

  test.each([
    ['an hour of thirtieths, NTSC', '1001/30000', 107_892, 3599.9964],
    ['a thousand million seconds', '1/90000', 90_000_000_003_600, 1e9 + 0.04],
    ['before the beginning', '1/1000', -250, -0.25],
  ])('the time of %s is exact', (_, timeBase, pts, seconds) => {
    const showinfo = new Showinfo();
    showinfo.frame(`[Parsed_showinfo_0 @ 0x5] [info] config in time_base: ${timeBase}, frame_rate: 10/1`);
    const line = `[Parsed_showinfo_0 @ 0x5] [info] n: 0 pts: ${pts} pts_time:1e+09 pos: 0 fmt:gray sar:1/1 s:8x8 i:P`;
    expect(showinfo.frame(line)?.presentationSeconds).toBeCloseTo(seconds, 6);
  });

  test('its other lines are none', () => {
    expect(
      new Showinfo().frame('[showinfo@native @ 0x5] [info] config in time_base: 1/10, frame_rate: 10/1'),
    ).toBeUndefined();
    expect(new Showinfo().frame('[h264 @ 0x5] [error] n: 0 pts: 0 pts_time:0 fmt:x sar:1/1 s:1x1')).toBeUndefined();
  });
});
