import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/domain/errors.ts';
import { targetProbabilities, targetsOf } from '../../src/pipeline/targets.ts';

const labels = ['crane', 'water bottle', 'pop bottle', 'crane', 'cup'];

describe('targetsOf', () => {
  it('should be every label once when none is given, with labels of one name together', () => {
    expect(targetsOf(labels, {})).toEqual([
      { name: 'crane', indices: [0, 3] },
      { name: 'water bottle', indices: [1] },
      { name: 'pop bottle', indices: [2] },
      { name: 'cup', indices: [4] },
    ]);
  });

  it('should be the groups and the labels of interest, and nothing else', () => {
    const targets = targetsOf(labels, { labels: ['cup'], groups: { bottle: ['pop bottle', 'water bottle'] } });
    expect(targets).toEqual([
      { name: 'bottle', indices: [2, 1] },
      { name: 'cup', indices: [4] },
    ]);
    expect(targetProbabilities({ probabilities: Float32Array.of(0.1, 0.25, 0.5, 0.05, 0.1) }, targets)).toBeAllClose([
      0.75, 0.1,
    ]);
  });

  it('should be of tiles the highest, and sum the labels of a group within each', () => {
    const targets = targetsOf(labels, { labels: ['cup'], groups: { bottle: ['pop bottle', 'water bottle'] } });
    const tiles = [Float32Array.of(0, 0.25, 0.5, 0, 0.25), Float32Array.of(0, 0.5, 0, 0.1, 0.4)];
    const scores = { probabilities: Float32Array.of(0, 0.5, 0.5, 0.1, 0.4), tiles };
    expect(targetProbabilities(scores, targets)).toBeAllClose([0.75, 0.4]);
  });

  it('should count a label that is in a group twice once', () => {
    const [group] = targetsOf(labels, { groups: { bird: ['crane', 'crane'] } });
    expect(group).toEqual({ name: 'bird', indices: [0, 3] });
  });

  it.each([
    [
      { labels: ['watter bottle'] },
      'labels must name labels of the bundle, but it has no label "watter bottle": did you mean "water bottle"?',
    ],
    [
      { groups: { x: ['zebra finch'] } },
      'groups.x must name labels of the bundle, but it has no label "zebra finch": see them with "edge-cls models show"',
    ],
    [{ groups: { x: [] } }, 'The group "x" must have at least one label, it has none: list labels of the bundle in it'],
    [
      { labels: ['cup'], groups: { cup: ['cup'] } },
      'The group "cup" must not have the name of a label of interest: give the group another name',
    ],
  ])('should refuse %j', (interest, message) => {
    expect(() => targetsOf(labels, interest)).toThrow(new ConfigurationError(message));
  });
});
