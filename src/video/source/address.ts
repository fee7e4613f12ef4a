/** The parts of a camera's address. Passwords with raw `/`, `?`, `#` or `@` are common, and told from paths here. */

export interface Address {
  readonly scheme: string;
  /** `user:password` as it was written; undefined where there is none. */
  readonly login: string | undefined;
  /** With its port, where one is given. */
  readonly host: string;
  /** From the `/`, `?` or `#` behind the host on. */
  readonly rest: string;
}

/** A name, an IPv4 address, or an IPv6 address in brackets, and a port. */
const hostPattern = /^(?:\[[0-9a-f:.%]+\]|[^[\]:@]+)(?::\d{1,5})?$/i;
const bareAddress = /^(?:\d+\.\d+\.\d+\.\d+|localhost|\[.*\])(?::\d*)?$/i;

/**
 * Undefined where it could be read in two ways: where a password would go is not guessed. By RFC 3986 a login has no `/`
 * and no `?`, and ends at the last `@` before them; with an `@` behind them it may end there as well. A `#` in front of
 * an `@` is part of a password: no camera's address has a fragment.
 */
export function parseAddress(url: string): Address | undefined {
  const [, scheme = '', text = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(url) ?? [];
  const plain = cut(scheme, text, text.slice(0, endOf(text, /[/?]/)).lastIndexOf('@'));
  if (!plain.rest.includes('@')) return plain;
  if (plain.login !== undefined) return undefined;
  // No name of a user holds a `/`, and none is an address.
  if (!plain.host.includes(':') || bareAddress.test(plain.host)) return plain;
  const readings = [...[...text.matchAll(/@/g)].map(({ index }) => cut(scheme, text, index)), plain];
  const [reading, another] = readings.filter(({ host, rest }) => hostPattern.test(host) && !rest.startsWith('#'));
  return another === undefined ? reading : undefined;
}

/** What ffmpeg takes for the same address: nothing in the login can be taken for its end. */
export function encodedAddress(url: string): string {
  const address = parseAddress(url);
  if (address?.login === undefined) return url;
  const { scheme, login, host, rest } = address;
  // What is percent-encoded already stays so.
  const encoded = login.replace(/%(?![0-9a-f]{2})|[/?#@[\]\\]/gi, encodeURIComponent);
  return `${scheme}://${encoded}@${host}${rest}`;
}

/** A login that ends at the given `@`; none for -1. */
function cut(scheme: string, text: string, at: number): Address {
  const behind = text.slice(at + 1);
  const end = endOf(behind, /[/?#]/);
  return {
    scheme: scheme.toLowerCase(),
    login: at < 0 ? undefined : text.slice(0, at),
    host: behind.slice(0, end),
    rest: behind.slice(end),
  };
}

function endOf(text: string, marks: RegExp): number {
  const end = text.search(marks);
  return end < 0 ? text.length : end;
}
