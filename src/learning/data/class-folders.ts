/** Labels from a folder that has one sub-folder per class. */
import { relative, sep } from 'node:path';
import { nearest } from '../../domain/nearest.ts';
import { UsageError } from '../../domain/errors.ts';

/**
 * The class of each file, as the index of its label, where the folder is a labelled one: pictures
 * lie in sub-folders whose names are labels, in any case, and with a plural s (cat, Cat or cats).
 * Undefined where no sub-folder is named after a label, and where pictures lie in the folder itself.
 *
 * Throws a UsageError where some sub-folders with pictures are named after labels and others are not.
 */
export function classesOf(
  folder: string,
  files: readonly string[],
  labels: readonly string[],
): ReadonlyMap<string, number> | undefined {
  const classes = new Map<string, number>();
  const strange = new Set<string>();
  for (const file of files) {
    const [first = '', ...below] = relative(folder, file).split(sep);
    const index = below.length === 0 ? -1 : labelIndex(first, labels);
    if (index >= 0) classes.set(file, index);
    else strange.add(below.length === 0 ? '.' : first);
  }
  if (classes.size === 0) return undefined;
  const [unknown] = strange;
  if (unknown === undefined) return classes;
  const meant = nearest(unknown, labels);
  const difference = unknown === '.' ? 'pictures lie beside the sub-folders' : `${unknown} is none`;
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
  const known = `${labels.slice(0, 8).join(', ')}${labels.length > 8 ? ', …' : ''}`;
  throw new UsageError(
    `each sub-folder of the labelled folder ${folder} must be named after a label of the bundle (${known}), but ${difference}${hint}`,
  );
}

/** −1 for none. The exact name wins over the plural: "glass" is not the plural of "glas". */
function labelIndex(name: string, labels: readonly string[]): number {
  const wanted = name.toLowerCase().replaceAll('_', ' ');
  const exact = labels.findIndex((label) => label.toLowerCase() === wanted);
  return exact >= 0 ? exact : labels.findIndex((label) => `${label.toLowerCase()}s` === wanted);
}
