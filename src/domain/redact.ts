import { knownSecrets, type Range } from './secrets.ts';

const address = /[a-z][a-z0-9+.-]*:\/\/[^\s"<>]*/gi;
const user = /(:\/\/)[^\s"<>]*(?=@)/g;
/** Of an address within another one: `?source=rtsp%3A%2F%2Fuser%3Apassword%40camera`. */
const encodedUser = /(%3A%2F%2F)[^\s"<>&]*(?=%40)/gi;

/** Parts of names: `PassWd2`, `api_key` and `X-Amz-Signature` are among them; that `keyframe` is, hurts nobody. */
const secretName = '(?:pass|pwd|pw|token|secret|key|sig|auth|cred|jwt|session|sid|login)[\\w.%~-]*';
const queryParameter = new RegExp(`(${secretName}=)(?<=\\?[^\\s"<>]*)${upTo('&;')}`, 'gi');
/** Recorders have parameters in the path: `/user=admin_password=x_channel=1_stream=0.sdp`. */
const pathParameter = new RegExp(`(${secretName}=)(?<!\\?[^\\s"<>]*)${upTo('/_&;,?')}`, 'gi');

/**
 * The text with `***` in place of the secrets in it: those that are known by value, and those that
 * show by where they stand, which are the user and password of every address and the values of
 * parameters that are named like a secret.
 *
 * Everything up to the last `@` of an address counts as the user's part, because passwords with an
 * unescaped `@`, `/`, `#` or `'` are common in camera addresses; too much is hidden rather than too
 * little. An address ends at white space, `"`, `<` or `>`: one that holds these is never opened.
 * All is looked for in the text as it was: what one rule hides, another may need to see.
 */
export function redact(text: string): string {
  const inAddresses = [...text.matchAll(address)].flatMap(({ index, 0: match }) =>
    knownSecrets(match, 'address').map(([from, to]): Range => [index + from, index + to]),
  );
  const byPlace = [user, encodedUser, pathParameter, queryParameter].flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ index, 0: match, 1: before = '' }): Range => {
      return [index + before.length, index + match.length];
    }),
  );
  return blanked(text, [...knownSecrets(text, 'text'), ...inAddresses, ...byPlace]);
}

/**
 * A value, which goes on until one of `between`, a name, `=` and the beginning of another value
 * follow: a password may hold each of these alone, a token end with `=`.
 */
function upTo(between: string): string {
  return `(?:(?![${between}][\\w.%~-]+=[\\w%*])[^\\s"<>])*`;
}

/** Ranges that overlap or touch become one `***`. */
function blanked(text: string, ranges: readonly Range[]): string {
  let shown = '';
  let end = -1;
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    if (from > end) shown += `${text.slice(Math.max(end, 0), from)}***`;
    end = Math.max(end, to);
  }
  return shown + text.slice(Math.max(end, 0));
}
