import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../domain/errors.ts';
import { rememberSecret } from '../domain/secrets.ts';
import type { Environment } from './environment.ts';

/** `$${` (an escape), `${NAME}` or `${credential:name}`, or what looks like one and is not closed. */
const placeholder = /\$\$\{|\$\{([^}]*)(\}?)/g;

/**
 * Puts secrets into a source.
 *
 * `${NAME}` is an environment variable. `${credential:name}` is the file `name` in
 * `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`) without the line break at its end or,
 * where there is none, the variable `EDGE_CLS_CREDENTIAL_NAME`. `$${` stands for `${`.
 *
 * Within an address the value is percent-encoded, so a password is stored as it is; a placeholder
 * at the very beginning is put in untouched, so a whole address may be a secret. Whatever is put in
 * is blanked from then on in all that is written.
 *
 * @param key where the source stands in the configuration, for errors; values are never shown
 * @throws ConfigurationError when a variable or credential is not there
 */
export function withSecrets(source: string, key: string, env: Environment): string {
  return source.replace(placeholder, (match: string, inner: string | undefined, close: string, offset: number) => {
    if (match === '$${') return '${';
    if (inner === undefined || close === '') {
      throw new ConfigurationError(
        `${key} must close every placeholder, but one that begins with \${ has no }: write $\${ for a plain \${`,
      );
    }
    const value = secret(inner, key, env);
    for (const part of secretParts(value)) rememberSecret(part);
    return source.slice(0, offset).includes('://') ? encodeURIComponent(value) : value;
  });
}

/** The value; where it is an address, also its password, which a message may name alone. */
function secretParts(value: string): string[] {
  const password = /^[a-z][a-z0-9+.-]*:\/\/[^:@]*:(.+)@/i.exec(value)?.[1];
  if (password === undefined) return [value];
  try {
    return [value, password, decodeURIComponent(password)];
  } catch {
    // A % that encodes nothing.
    return [value, password];
  }
}

function secret(inner: string, key: string, env: Environment): string {
  const [, kind, name = ''] = /^(credential:)?([A-Za-z0-9_.-]+)$/.exec(inner) ?? [];
  if (name === '' || /^\.+$/.test(name)) {
    throw new ConfigurationError(
      `${key} must have placeholders of the form \${NAME} or \${credential:name}, got \${${inner}}: use letters, digits, _, . and - in the name`,
    );
  }
  return kind === undefined ? variable(name, key, env) : credential(name, key, env);
}

function variable(name: string, key: string, env: Environment): string {
  const value = env[name];
  if (value === undefined) {
    throw new ConfigurationError(
      `${key} needs the environment variable ${name}, but it is not set: set it, or use \${credential:…}`,
    );
  }
  return value;
}

function credential(name: string, key: string, env: Environment): string {
  const directory = env['CREDENTIALS_DIRECTORY'];
  const variableName = `EDGE_CLS_CREDENTIAL_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
  const value = (directory ? readCredential(join(directory, name), key) : undefined) ?? env[variableName];
  if (value === undefined) {
    throw new ConfigurationError(
      `${key} needs the credential ${name}, but ${directory ? `there is no such file in ${directory}` : 'CREDENTIALS_DIRECTORY is not set'} and ${variableName} is not set: add LoadCredential=${name}:FILE to the unit, or set the variable`,
    );
  }
  return value;
}

/** The file's text, `undefined` when there is no such file. */
function readCredential(path: string, key: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
    if (code === 'ENOENT') return undefined;
    throw new ConfigurationError(
      `${key} needs to read the credential ${path}, but cannot (${code}): let the service's user read it`,
      {
        cause,
      },
    );
  }
}
