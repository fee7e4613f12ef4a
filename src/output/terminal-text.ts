/** Text on a terminal: no control characters that others could put in, no more columns than there are. */

const control = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/** East Asian wide and full-width characters and emoji, which take two columns. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const combining = /\p{Mark}/u;

/** The text with control characters (escape sequences, line breaks, direction marks) as spaces. */
export function plain(text: string): string {
  return text.replace(control, ' ');
}

/** The same for a text of several lines, whose breaks stay. */
export function plainLines(text: string): string {
  return text.split('\n').map(plain).join('\n');
}

/** The same for JSON, which keeps its meaning: what is left of control characters is written as \uXXXX. */
export function plainJson(json: string): string {
  return json.replace(control, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Columns that the text takes. */
export function width(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + columnsOf(character), 0);
}

/** At most `columns` wide; where something is cut off, the last column is `…`. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let taken = '';
  let left = columns - 1;
  for (const character of text) {
    left -= columnsOf(character);
    if (left < 0) break;
    taken += character;
  }
  return columns > 0 ? `${taken}…` : '';
}

/** Exactly `columns` wide: cut, or filled with spaces on the right. */
export function fitted(text: string, columns: number): string {
  const short = cut(text, columns);
  return short + ' '.repeat(Math.max(0, columns - width(short)));
}

function columnsOf(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
