import { describe, expect, it } from 'vitest';
import { sample, thin } from '../../../src/output/report/chart/thin.ts';

describe('thin', () => {
  const spiky = Array.from({ length: 5000 }, (_, x) => ({ x, y: x === 1234 ? 99 : x === 4321 ? -99 : x % 7 }));

  it('should keep few points in their order', () => {
    const points = thin(spiky, 100);
    expect(points).toHaveLength(100);
    expect(points.map(({ x }) => x)).toEqual(points.map(({ x }) => x).sort((a, b) => a - b));
  });

  it('should keep the spikes', () => {
    expect(thin(spiky, 100)).toEqual(expect.arrayContaining([spiky[1234], spiky[4321]]));
  });

  it('should leave short series as they are', () => {
    expect(thin(spiky.slice(0, 100), 100)).toEqual(spiky.slice(0, 100));
  });
});

describe('sample', () => {
  it('should keep the first, the last and an even choice between', () => {
    expect(sample([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
  });
});
