import { describe, expect, it } from 'vitest';
import { searchSpace } from '../../../src/commands/tune/search-space.ts';

describe('searchSpace', () => {
  it('should take values, and a range evenly in the logarithm', () => {
    const rates = { kind: 'choice', name: 'learning_rate', values: [0.01, 0.001] };
    const batches = { kind: 'choice', name: 'batch_size', values: [16, 32] };
    expect(searchSpace('1e-2, 1e-3', '16,32')).toEqual({ space: [rates, batches], batch: undefined });
    expect(searchSpace('1e-2, 1e-3', '32')).toEqual({ space: [rates], batch: 32 });
    expect(searchSpace('1e-5..1e-2', '32').space[0]).toMatchObject({
      kind: 'float',
      min: 1e-5,
      max: 1e-2,
      sampling: 'log',
    });
  });

  it.each([
    ['0.1,x', '32', '--lr must be numbers above 0'],
    ['0', '32', '--lr must be numbers above 0'],
    ['1e-2..1e-5', '32', 'the lower one first'],
    ['1e-5..1e-3..1e-2', '32', 'the lower one first'],
    ['1e-3', '1.5', '--batch must be integers'],
    ['1e-3', '', '--batch must be integers'],
  ])('should refuse %s with %s', (lr, batch, message) => {
    expect(() => searchSpace(lr, batch)).toThrow(message);
  });
});
