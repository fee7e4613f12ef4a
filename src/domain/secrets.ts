/**
 * Secrets that are known by their value: what stands for `${…}` in the configuration, and the token of HTTP.
 * There is one list for the program, since whoever writes words must leave them out, whatever he knows of them.
 */

/** Characters. A shorter value is blanked only as a word of its own: `live` or `1234` is in other words and numbers as well. */
const shortestAnywhere = 8;
/** A still shorter one is blanked only within addresses, where it was put in: "on" and "1" are in every line. */
const shortestWord = 4;

/** From one position in a text up to, but not including, another. */
export type Range = readonly [number, number];

interface Secret {
  /** Its longest part that no encoding changes: where that is missing, which is soon seen, nothing needs a closer look. */
  readonly core: string;
  readonly inAddresses: RegExp;
  readonly inText: RegExp | undefined;
}

const secrets = new Map<string, Secret>();

/** From now on the value is blanked in all that is written. */
export function rememberSecret(value: string): void {
  if (secrets.has(value) || /^\**$/.test(value)) return;
  const spelt = spellings(value);
  const word = value.length < shortestAnywhere ? `(?<![A-Za-z0-9])${spelt}(?![A-Za-z0-9])` : spelt;
  const parts = value.match(/[A-Za-z0-9]+/g) ?? [];
  secrets.set(value, {
    core: parts.reduce((longest, part) => (part.length > longest.length ? part : longest), ''),
    inAddresses: new RegExp(spelt, 'gu'),
    inText: value.length < shortestWord ? undefined : new RegExp(word, 'gu'),
  });
}

/** Where secrets stand: in an address every one, in another text those that are long enough not to be there by chance. */
export function knownSecrets(text: string, place: 'address' | 'text'): Range[] {
  const ranges: Range[] = [];
  for (const { core, inAddresses, inText } of secrets.values()) {
    const pattern = place === 'address' ? inAddresses : inText;
    if (!pattern || !text.includes(core)) continue;
    for (const { index, 0: match } of text.matchAll(pattern)) ranges.push([index, index + match.length]);
  }
  return ranges;
}

/** A pattern of the value, each character as it is, percent-encoded, or escaped as in JSON. */
function spellings(value: string): string {
  return Array.from(value)
    .map((character) => {
      const percent = [...Buffer.from(character)].map((byte) => {
        const [high = '', low = ''] = byte.toString(16).padStart(2, '0');
        return `%${eitherCase(high)}${eitherCase(low)}`;
      });
      const plain = [character, JSON.stringify(character).slice(1, -1), ...(character === ' ' ? ['+'] : [])];
      // The longest first: % itself begins with a %.
      const spelt = [percent.join(''), ...[...new Set(plain)].map(literal).reverse()];
      return `(?:${spelt.join('|')})`;
    })
    .join('');
}

function eitherCase(digit: string): string {
  return /[a-f]/.test(digit) ? `[${digit}${digit.toUpperCase()}]` : digit;
}

function literal(text: string): string {
  return Array.from(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`).join('');
}
