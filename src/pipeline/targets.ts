import { ConfigurationError } from '../domain/errors.ts';
import { nearest } from '../domain/nearest.ts';
import type { Scores } from '../domain/prediction.ts';

/** What events are about: a label, or a group of labels whose probabilities are summed. */
export interface Target {
  readonly name: string;
  /** Positions among the bundle's labels. */
  readonly indices: readonly number[];
}

export interface Interest {
  /** Labels of interest. */
  readonly labels?: readonly string[];
  /** Name of a group to its labels. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The groups and labels of interest, groups first; every label of the bundle when none is given.
 *
 * A name that stands for several classes (some lists of ImageNet's labels say crane twice, the bird and the
 * machine) is one target with the sum of both.
 *
 * @throws ConfigurationError for a label that the bundle does not have, an empty group, or a
 * group that has the name of a label of interest
 */
export function targetsOf(known: readonly string[], { labels = [], groups = {} }: Interest): Target[] {
  const positions = positionsOf(known);
  const grouped = Object.entries(groups);
  const wanted = labels.length + grouped.length > 0 ? new Set(labels) : new Set(known);
  return [
    ...grouped.map(([name, members]) => groupTarget(name, members, positions, wanted)),
    ...Array.from(wanted, (label) => ({ name: label, indices: find(label, positions, 'labels') })),
  ];
}

/** Probability of each target, 0 to 1: of tiles the highest, since labels that are summed must be of one picture. */
export function targetProbabilities(
  { probabilities, tiles = [probabilities] }: Scores,
  targets: readonly Target[],
): Float32Array {
  const result = new Float32Array(targets.length);
  for (const tile of tiles) {
    targets.forEach(({ indices }, target) => {
      let sum = 0;
      for (const index of indices) sum += tile[index] ?? 0;
      result[target] = Math.max(result[target] ?? 0, Math.min(1, sum));
    });
  }
  return result;
}

type Positions = ReadonlyMap<string, readonly number[]>;

function positionsOf(labels: readonly string[]): Positions {
  const positions = new Map<string, number[]>();
  labels.forEach((label, index) => {
    const places = positions.get(label);
    if (places) places.push(index);
    else positions.set(label, [index]);
  });
  return positions;
}

function groupTarget(name: string, members: readonly string[], positions: Positions, wanted: Set<string>): Target {
  if (members.length === 0) {
    throw new ConfigurationError(
      `The group ${JSON.stringify(name)} must have at least one label, it has none: list labels of the bundle in it`,
    );
  }
  if (wanted.has(name)) {
    throw new ConfigurationError(
      `The group ${JSON.stringify(name)} must not have the name of a label of interest: give the group another name`,
    );
  }
  const indices = new Set(members.flatMap((label) => find(label, positions, `groups.${name}`)));
  return { name, indices: [...indices] };
}

function find(label: string, positions: Positions, key: string): readonly number[] {
  const indices = positions.get(label);
  if (indices) return indices;
  const similar = nearest(label, positions.keys());
  throw new ConfigurationError(
    `${key} must name labels of the bundle, but it has no label ${JSON.stringify(label)}: ` +
      (similar === undefined ? 'see them with "edge-cls models show"' : `did you mean ${JSON.stringify(similar)}?`),
  );
}
