import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { sourceError } from '../../../src/video/source/diagnosis.ts';
import { probe } from '../../../src/video/source/probe.ts';
import { parseSource, type SourceSpec } from '../../../src/video/source/source-spec.ts';
import { temporaryDirectory } from '../../support/videos.ts';
import { ffmpeg } from '../support.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const camera: SourceSpec = { kind: 'rtsp', live: true, url: 'rtsp://cam/x' };

test.each([
  ['[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized', 'auth'],
  ['rtsp://cam/x: Server returned 404 Not Found', 'not_found'],
  ['[tcp @ 0x1] Failed to resolve hostname cam: Name or service not known', 'dns'],
  ['[tcp @ 0x1] Connection to tcp://1.2.3.4:554 failed: Connection timed out', 'timeout'],
  ['[rtsp @ 0x1] method SETUP failed: 453 Not Enough Bandwidth', 'busy'],
  ['[tls @ 0x1] The certificate is not trusted', 'tls'],
  ["Stream map '0:V:0' matches no streams.", 'codec'],
  ['rtsp://cam/x: Connection reset by peer', 'eof'],
  ["[concat @ 0x1] Impossible to open 'rtsp://cam/x'", 'other'],
])('%s is for a metric: %s', (text, reason) => {
  expect(sourceError(camera, [text])).toMatchObject({ reason });
});

test('a device that another program has is busy', () => {
  const spec: SourceSpec = { kind: 'device', live: true, path: '/dev/video0' };
  expect(sourceError(spec, ['/dev/video0: Device or resource busy'])).toMatchObject({ reason: 'busy' });
});

test.each([401, 403, 404, 453])('an address in memory or a port with %d in it is no status', (status) => {
  const lines = [
    `[http @ 0x55d0c${status}4540] http://127.0.0.1:4${status}/busy: Server returned 5XX Server Error reply`,
    `[tcp @ 0x1] Connection attempt to 127.0.0.1 port ${status} failed`,
  ];
  expect(sourceError(camera, lines)).toMatchObject({ reason: 'busy' });
  expect(sourceError(camera, [`[h264 @ 0x7f${status}00] Invalid NAL unit 1${status}2`])).toMatchObject({
    reason: 'codec',
  });
});

/** Every word that says something about a source where ffmpeg says it. */
const misleading = fc.constantFrom(
  ...['401', '403 Forbidden', '404 Not Found', '453', '503 Service', 'HTTP error 401', 'method X failed: 404'],
  ...['ssl', 'TLS', 'certificate', 'Connection refused', 'Permission denied', 'timed out', 'End of file'],
  ...['No such file or directory', 'Input/output error', 'Device or resource busy', 'matches no streams', 'a', '.'],
);
const name = fc.array(misleading, { minLength: 1, maxLength: 4 }).map((words) => words.join(' '));

describe('the name of a source says nothing of its fault', () => {
  test('of a file', () => {
    const faults = [
      ['%: Invalid data found when processing input', 'codec'],
      ['%: Permission denied', 'auth'],
      ['Error opening input file %.', 'codec'],
      ["Stream map '0:V:0' matches no streams.", 'codec'],
    ] as const;
    fc.assert(
      fc.property(name, fc.constantFrom(...faults), fc.constantFrom('', 'file:'), (text, [words, reason], prefix) => {
        const spec: SourceSpec = { kind: 'file', live: false, path: `/media/${text}.mp4` };
        expect(sourceError(spec, [words.replace('%', () => prefix + spec.path)])).toMatchObject({ reason });
      }),
    );
  });

  test('of an address', () => {
    const faults = [
      ['[tcp @ 0x1] Connection to tcp://HOST?timeout=20 failed: Connection refused', 'refused'],
      ['[tcp @ 0x1] Failed to resolve hostname HOST: Name or service not known', 'dns'],
      ['URL: Invalid data found when processing input', 'codec'],
      ['[rtsp @ 0x1] method DESCRIBE failed: 404 Not Found', 'not_found'],
      ["[concat @ 0x1] Impossible to open 'URL'", 'other'],
      ["[in#0 @ 0x1] Error opening input file 'URL'.", 'codec'],
      ['HOST: it has no word for this', 'codec'],
    ] as const;
    const host = fc.constantFrom('ssl.example', 'tls', 'certificate', '401', 'connection-refused', '10.0.4.53:401');
    fc.assert(
      fc.property(host, name, fc.constantFrom(...faults), (at, text, [words, reason]) => {
        fc.pre(!words.startsWith('HOST') || /[^a-z]/.test(at));
        const url = `rtsp://u:p@${at}/${text.replaceAll(' ', '%20')}`;
        const said = words.replace('HOST', at).replace('URL', () => url);
        expect(sourceError({ kind: 'rtsp', live: true, url }, [said])).toMatchObject({ reason });
      }),
    );
  });

  test.each([
    '401.mp4',
    'ssl-demo.mp4',
    '404 Not Found.mp4',
    'x\nPermission denied',
    'Permission denied/timed out.mkv',
  ])('asked of the real ffmpeg: %j', async (text) => {
    const path = join(directory.path, text);
    if (text.includes('/')) mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, Buffer.alloc(5000, 1).fill(0, 0, 1000));
    const error: unknown = await probe(parseSource(path), ffmpeg).catch((fault: unknown) => fault);
    expect(error).toMatchObject({ reason: 'codec' });
    expect(String(error)).toContain('it could not be decoded');
  });
});
