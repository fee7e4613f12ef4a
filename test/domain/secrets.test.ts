import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/domain/redact.ts';
import { rememberSecret } from '../../src/domain/secrets.ts';

const special = fc.constantFrom(...Array.from(`!"#$%&'()*+,/:;<=>?@[]^{|}~\\ éß€漢😀`), '%21', '%2F');
const awkward = fc
  .array(fc.oneof(special, fc.constantFrom('a', 'Z', '7')), { minLength: 8, maxLength: 20 })
  .map((parts) => parts.join(''))
  .filter((value) => !/^\**$/.test(value));
const userinfo = (value: string) => {
  const url = new URL('http://camera');
  url.password = value;
  return url.password;
};
const host = fc.constantFrom('camera.lan', '192.168.1.9:554', '[fe80::1%25eth0]:8554', '[::1]');

describe('secrets that are known by value', () => {
  test('are blanked wherever they stand, as they are and in every encoding', () => {
    fc.assert(
      fc.property(awkward, host, (value, address) => {
        rememberSecret(value);
        const encoded = encodeURIComponent(value);
        const strict = encoded.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
        const lower = encoded.replace(/%../g, (code) => code.toLowerCase());
        for (const spelt of [value, encoded, strict, lower, userinfo(value), JSON.stringify(value).slice(1, -1)]) {
          for (const text of [
            `rtsp://viewer:${spelt}@${address}/s`,
            `http://${address}/live/${spelt}/1.ts`,
            `http://${address}/v?channel=${spelt}&z=1`,
            `the camera says: ${spelt} is wrong`,
            `"${spelt}"`,
          ]) {
            expect(redact(text)).not.toContain(spelt);
          }
          expect(redact(`the camera says: ${spelt} is wrong`)).toBe('the camera says: *** is wrong');
        }
      }),
      { numRuns: 100 },
    );
  });

  test('are blanked where one is a part of another', () => {
    rememberSecret('correct-horse');
    rememberSecret('correct-horse-battery');
    expect(redact('correct-horse-battery and correct-horse')).toBe('*** and ***');
  });

  test('are left in other words while they are short, but never in an address', () => {
    rememberSecret('live');
    rememberSecret('7q');
    expect(redact('it is alive, 7q')).toBe('it is alive, 7q');
    expect(redact('it is live')).toBe('it is ***');
    expect(redact('rtsp://cam/alive/7q')).toBe('rtsp://cam/a***/***');
  });

  test('change nothing where they are empty or stars', () => {
    rememberSecret('');
    rememberSecret('****');
    expect(redact('****, a')).toBe('****, a');
  });
});
