import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/domain/errors.ts';
import { hostOf, isLoopback } from '../../../src/output/http/address.ts';
import { carriesToken, readToken } from '../../../src/output/http/token.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-cls-token-'));
});
afterAll(() => rm(folder, { recursive: true }));

const file = async (text: string) => {
  const path = join(folder, 'token');
  await writeFile(path, text);
  return path;
};

describe('readToken', () => {
  it('reads one word and forgets the space around it', async () => {
    expect(await readToken(await file('  0123456789abcdef\n'))).toBe('0123456789abcdef');
  });

  it.each(['', 'short', '0123456789abcde', 'two words of sixteen characters'])('refuses %j', async (text) => {
    const path = await file(text);
    await expect(readToken(path)).rejects.toThrow(ConfigurationError);
    if (text !== '') await expect(readToken(path)).rejects.not.toThrow(text);
  });

  it('names a file that is not there', async () => {
    await expect(readToken(join(folder, 'none'))).rejects.toThrow(`${join(folder, 'none')} is not (ENOENT)`);
  });
});

describe('carriesToken', () => {
  const word = fc.stringMatching(/^[\x21-\x7e]{1,40}$/);

  it('holds for the token and for nothing else', () => {
    fc.assert(
      fc.property(word, word, (token, other) => {
        expect(carriesToken(`Bearer ${token}`, token)).toBe(true);
        expect(carriesToken(`Bearer ${other}`, token)).toBe(other === token);
        expect(carriesToken(token, token)).toBe(false);
        expect(carriesToken(undefined, token)).toBe(false);
      }),
    );
  });
});

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', 'LOCALHOST'])('%s is', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '128.0.0.1', '10.0.0.1', '', 'localhost.evil.example', '127.0.0.1.evil.example', '::2'])(
    '%j is not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );

  it('sees the host through its port', () => {
    expect(hostOf('[::1]:9464')).toBe('[::1]');
    expect(hostOf('localhost:9464')).toBe('localhost');
    expect(hostOf('localhost')).toBe('localhost');
  });
});
