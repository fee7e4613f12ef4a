const url = /([a-z][a-z0-9+.-]*:\/\/)([^\s"<>]*)/gi;
const secretParameter =
  /([?&;](?:pass(?:word|wd)?|pwd|token|access_token|auth|key|api_?key|secret|signature|sig)=)[^&\s"<>#]*/gi;

/**
 * The text without the secrets of the addresses in it: user and password of every URL, and the
 * values of query parameters that are named like a secret, become `***`.
 *
 * Everything up to the last `@` of a URL counts as the user's part, because passwords with an
 * unescaped `@`, `/`, `#` or `'` are common in camera addresses; too much is hidden rather than too
 * little. An address ends at white space, `"`, `<` or `>`: one that holds these is never opened.
 */
export function redact(text: string): string {
  return text
    .replace(url, (_, scheme: string, rest: string) => scheme + rest.replace(/^.*@/, '***@'))
    .replace(secretParameter, '$1***');
}
