import { expect, it } from 'vitest';
import { Leases } from '../../../src/daemon/device/leases.ts';

it('keeps nothing of what could not be made: who asks next has it made again', async () => {
  const leases = new Leases<AsyncDisposable>();
  const made = { [Symbol.asyncDispose]: () => Promise.resolve() };
  const failing = () => leases.take('a', () => Promise.reject(new Error('no memory')));
  await Promise.all([failing(), failing()].map((asked) => expect(asked).rejects.toThrow('no memory')));
  expect(leases.size).toBe(0);
  expect((await leases.take('a', () => Promise.resolve(made))).value).toBe(made);
});
