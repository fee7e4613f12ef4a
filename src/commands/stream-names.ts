/** Streams of the command line are called after their files. */
import { resolve, sep } from 'node:path';

/** As the configuration has it. */
const longest = 64;
/** Room for a number behind. */
const mostCharacters = longest - 6;

/**
 * A name for each source, all different, valid in a configuration and the same at each call: that of the file; with the
 * folders in front that it takes where several are called alike; with a number behind where that does not help.
 */
export function streamNames(sources: readonly string[]): string[] {
  const parts = sources.map(partsOf);
  const depths = parts.map(() => 1);
  const nameOf = (i: number) => shortened((parts[i] ?? []).slice(-(depths[i] ?? 1)).join('-'));
  for (;;) {
    const bearers = new Map<string, number>();
    const names = parts.map((_, i) => nameOf(i));
    for (const name of names) bearers.set(name, (bearers.get(name) ?? 0) + 1);
    const growing = names.flatMap((name, i) => {
      const canGrow = (depths[i] ?? 0) < (parts[i]?.length ?? 0);
      return canGrow && (bearers.get(name) ?? 0) > 1 ? [i] : [];
    });
    if (growing.length === 0) break;
    for (const i of growing) depths[i] = (depths[i] ?? 0) + 1;
  }
  const taken = new Set<string>();
  return parts.map((_, i) => {
    const plain = nameOf(i);
    let name = plain;
    for (let n = 2; taken.has(name); n++) name = `${plain}-${n}`;
    taken.add(name);
    return name;
  });
}

/** From the root to the file; an address is one part. */
function partsOf(source: string): string[] {
  if (source === '-') return ['stdin'];
  const parts = /^[a-z]+:\/\//i.test(source) ? [hostOf(source)] : resolve(source).split(sep);
  const readable = parts.map(readablePart).filter((part) => part !== '');
  return readable.length > 0 ? readable : ['stream'];
}

/** Letters and digits of any script stay; a sign that no name may have is a dash, or its number where it may tell names apart. */
function readablePart(part: string): string {
  return part
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}_.-]/gu, (sign) => (sign < '\u0080' ? '-' : `u${sign.codePointAt(0)?.toString(16)}`))
    .replace(/^[^\p{L}\p{N}]+/u, '');
}

/** What tells names of cameras apart stands in front, what tells recordings apart behind. */
function shortened(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= mostCharacters) return name;
  const half = Math.floor((mostCharacters - 1) / 2);
  return `${characters.slice(0, half).join('')}-${characters.slice(-half).join('')}`;
}

/** Never anything in front of the last @, which is where a password is. */
function hostOf(address: string): string {
  return address.replace(/^[a-z]+:\/\/(?:.*@)?/i, '').replace(/[?#].*$/, '');
}
