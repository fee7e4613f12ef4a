import { describe, expect, it } from 'vitest';
import { DisposeStack } from '../../src/domain/dispose-stack.ts';

describe('DisposeStack', () => {
  it('closes in reverse, each after the one before has finished', async () => {
    const log: string[] = [];
    {
      await using stack = new DisposeStack();
      const file = stack.use({ name: 'file', [Symbol.dispose]: () => void log.push('file') });
      expect(file.name).toBe('file');
      stack.use({
        [Symbol.asyncDispose]: async () => {
          log.push('engine begins');
          await Promise.resolve();
          log.push('engine ends');
        },
      });
      stack.use(undefined);
      stack.defer(() => log.push('timer'));
    }
    expect(log).toEqual(['timer', 'engine begins', 'engine ends', 'file']);
  });

  it('closes the rest after one has failed, and throws its error', async () => {
    const stack = new DisposeStack();
    const failure = new Error('busy');
    let closed = false;
    stack.defer(() => (closed = true));
    stack.defer(() => Promise.reject(failure));
    await expect(stack[Symbol.asyncDispose]()).rejects.toBe(failure);
    expect(closed).toBe(true);
  });

  it('keeps all errors where several fail', async () => {
    const stack = new DisposeStack();
    const [first, second] = [new Error('first opened'), new Error('second opened')];
    stack.defer(() => Promise.reject(first));
    stack.defer(() => {
      throw second;
    });
    await expect(stack[Symbol.asyncDispose]()).rejects.toMatchObject({ errors: [second, first] });
  });

  it('closes once, however often it is asked', async () => {
    const stack = new DisposeStack();
    let count = 0;
    stack.defer(() => count++);
    await Promise.all([stack[Symbol.asyncDispose](), stack[Symbol.asyncDispose]()]);
    expect(count).toBe(1);
    expect(() => stack.defer(() => 0)).toThrow('disposed of');
  });

  it('hands all over to another stack', async () => {
    let closed = false;
    let moved: DisposeStack;
    {
      await using stack = new DisposeStack();
      stack.defer(() => (closed = true));
      moved = stack.move();
    }
    expect(closed).toBe(false);
    await moved[Symbol.asyncDispose]();
    expect(closed).toBe(true);
  });
});
