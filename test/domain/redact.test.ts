import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/domain/redact.ts';

const secretCharacter = fc.constantFrom(..."abcXYZ019!$&'()*+,;=.:@/#?~_-%".split(''), '%21', '%40');
// A marker in the middle tells a secret apart from what may stay.
const secret = fc
  .tuple(fc.array(secretCharacter, { maxLength: 6 }), fc.array(secretCharacter, { maxLength: 6 }))
  .map(([before, after]) => `${before.join('')}SECRET${after.join('')}`);
/** With = in it, nobody can tell where the value ends. */
const valueSecret = secret.map((value) => value.replaceAll('=', ''));
const scheme = fc.constantFrom('rtsp://', 'rtsps://', 'http://', 'https://', 'file:rtsp://', 'RTSP://');
const host = fc.constantFrom('camera.lan', '192.168.1.9:554', '[fe80::1%25eth0]:8554', 'localhost');
const path = fc.constantFrom('', '/', '/stream1', '/a/b.m3u8?channel=1', '/live#top');

describe('redact', () => {
  test('no password is left, whatever is in it', () => {
    fc.assert(
      fc.property(scheme, secret, host, path, (start, password, address, rest) => {
        const text = redact(`[tcp] opening ${start}admin:${password}@${address}${rest} failed`);
        expect(text).not.toContain('SECRET');
        expect(text).toContain('[tcp] opening ');
        expect(text).toMatch(/ failed$/);
      }),
      { numRuns: 500 },
    );
  });

  test('every address of a line', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(scheme, secret, host), { minLength: 2, maxLength: 5 }), (addresses) => {
        const line = addresses.map(([start, password, address]) => `${start}u:${password}@${address}/s`).join(' ');
        expect(redact(line)).not.toContain('SECRET');
      }),
    );
  });

  test.each([
    ['rtsp://u:p%21@[::1]:554/x', 'rtsp://***@[::1]:554/x'],
    ['file:rtsp://user:pa@ss/wo#rd@cam/x', 'file:rtsp://***@cam/x'],
    ['rtsp://token@cam/x', 'rtsp://***@cam/x'],
    ['http://cam/v?user=me&password=x%26y&z=1', 'http://cam/v?user=me&password=***&z=1'],
    ['http://cam/v?access_token=abc', 'http://cam/v?access_token=***'],
    ["opening 'rtsp://u:p'q@cam/x' failed", "opening 'rtsp://***@cam/x' failed"],
    ["http://cam/v?token=a'b&z=1", 'http://cam/v?token=***&z=1'],
    ['http://cam/v?PassWd2=a&z=1', 'http://cam/v?PassWd2=***&z=1'],
    [
      'http://cam/v?X-Amz-Signature=a&api_key=b;sessionId=c',
      'http://cam/v?X-Amz-Signature=***&api_key=***;sessionId=***',
    ],
    ['http://cam/v?token=abc_def==', 'http://cam/v?token=***'],
    ['http://cam/v?token=abc_d=ef&z=1', 'http://cam/v?token=***&z=1'],
    ['http://cam/v?pwd=a&b/c;d#e&z=1', 'http://cam/v?pwd=***&z=1'],
    [
      'rtsp://cam/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp?real_stream',
      'rtsp://cam/user=admin_password=***_channel=1_stream=0.sdp?real_stream',
    ],
    [
      'rtsp://10.0.0.9:554/user=admin&password=tl_Jw/pbo6&channel=1&stream=0.sdp',
      'rtsp://10.0.0.9:554/user=admin&password=***&channel=1&stream=0.sdp',
    ],
    ['/user=admin_password=tlJwpbo6_channel=1: refused', '/user=admin_password=***_channel=1: refused'],
    ['http://relay/?src=rtsp%3A%2F%2Fadmin%3Ahunter2%40cam%2Fs', 'http://relay/?src=rtsp%3A%2F%2F***%40cam%2Fs'],
    ['"rtsp://u:p@cam/x", and "rtsp://u:p@b/y"', '"rtsp://***@cam/x", and "rtsp://***@b/y"'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test.each(['pass', 'pwd', 'pw', 'token', 'secret', 'key', 'sig', 'auth', 'cred', 'jwt', 'session', 'sid', 'login'])(
    'the value of a parameter with %s in its name, in the query and in the path',
    (part) => {
      fc.assert(
        fc.property(
          host,
          valueSecret,
          fc.constantFrom('?', '/', '?a=1&', '/a=1_', '/a=1&', ';'),
          (address, value, before) => {
            const text = redact(`x rtsp://${address}/s${before}my${part}Name=${value} failed`);
            expect(text).not.toContain('SECRET');
            expect(text).toMatch(/^x rtsp:\/\/.* failed$/);
          },
        ),
      );
    },
  );

  test('text without secrets stays as it is', () => {
    const text = 'rtsp://camera.lan:554/stream1 at 12:30, mail a@b.c, C:\\x, http://cam/v?channel=1';
    expect(redact(text)).toBe(text);
  });

  test('what is redacted stays so', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(redact(redact(text))).toBe(redact(text));
      }),
    );
  });
});
