import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from '../../domain/errors.ts';
import { rememberSecret } from '../../domain/secrets.ts';
import { readSmallFile } from '../../domain/small-file.ts';

/** Characters; what `openssl rand -hex 16` gives is twice as long. */
const shortestToken = 16;

/**
 * Reads the bearer token from a credential file (`LoadCredential=` of systemd, a secret of
 * Docker). Space around it is ignored.
 *
 * @throws ConfigurationError when the file cannot be read or the token is too short.
 */
export async function readToken(file: string): Promise<string> {
  const bytes = await readSmallFile(file).catch((cause: unknown) => {
    throw new ConfigurationError(
      `The HTTP token file must be readable, but ${file} is not (${codeOf(cause)}): create it, for example with "openssl rand -hex 32"`,
      { cause },
    );
  });
  const token = bytes.toString('utf8').trim();
  if (token.length < shortestToken || /\s/.test(token)) {
    throw new ConfigurationError(
      `The HTTP token in ${file} must be one word of at least ${shortestToken} characters, but it is not: create one, for example with "openssl rand -hex 32"`,
    );
  }
  rememberSecret(token);
  return token;
}

/** Whether the `Authorization` header carries the token, in a time that does not depend on where they differ. */
export function carriesToken(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

/** Digests have one length, which the constant-time comparison needs. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
