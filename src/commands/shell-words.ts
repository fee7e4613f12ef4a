/** Words as a shell needs them, to be copied. */

export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function quotedLine(words: readonly string[]): string {
  return words.map(quoted).join(' ');
}
