import { TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

/** Virtual time in which one character of a marble is one millisecond. */
export function virtualTime(): TestScheduler {
  return new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected);
  });
}
