/** What pictures are, as rows of a table. */
import { relative } from 'node:path';
import type { PictureResult } from '../domain/prediction.ts';
import { plain, width } from './terminal-text.ts';

/** A path that is longer loses its beginning. */
const pathColumns = 60;

/** Rows of file, label and probability, at most so many, and a word about the rest. */
export function pictureRows(
  pictures: readonly PictureResult[],
  most: number,
): { readonly rows: string[][]; readonly rest: string | undefined } {
  const rows = pictures
    .slice(0, most)
    .map(({ file, label, probability }) => [shortPath(plain(file)), plain(label), probability.toFixed(2)]);
  const left = pictures.length - rows.length;
  return { rows, rest: left > 0 ? `… and ${left} more, which --json and --csv have\n` : undefined };
}

function shortPath(path: string): string {
  const near = relative('', path);
  const text = near !== '' && !near.startsWith('..') ? near : path;
  if (width(text) <= pathColumns) return text;
  const characters = Array.from(text);
  while (width(characters.join('')) >= pathColumns) characters.shift();
  return `…${characters.join('')}`;
}
