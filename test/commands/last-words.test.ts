import { describe, expect, it } from 'vitest';
import { lastWords } from '../../src/commands/last-words.ts';
import { ConfigurationError, UserError } from '../../src/domain/errors.ts';
import { Stopped } from '../../src/domain/stop.ts';

describe('the last words', () => {
  it('are the sentence of a user error, with its exit code and without a stack', () => {
    expect(lastWords(new ConfigurationError('http.port must be a port'))).toEqual({
      text: 'http.port must be a port',
      exitCode: 78,
    });
  });

  it('name what caused a user error, a line each, unless the sentence says it already', () => {
    const cause = new Error('connect ECONNREFUSED\n    at nowhere', { cause: new Error('the network is down') });
    const { text } = lastWords(new UserError('the camera cannot be read', { cause }));
    expect(text.split('\n')).toEqual([
      'the camera cannot be read',
      '  because: connect ECONNREFUSED',
      '  because: the network is down',
    ]);
    expect(lastWords(new UserError('no card (ENOENT)', { cause: new Error('ENOENT') })).text).toBe('no card (ENOENT)');
  });

  it('keep the stacks of a fault and of what caused it', () => {
    const { text, exitCode } = lastWords(new Error('broken', { cause: new TypeError('x is undefined') }));
    expect(text).toMatch(/^this is a fault of edge-cls, please report it: Error: broken\n +at /);
    expect(text).toMatch(/\[cause\]: TypeError: x is undefined\n +at /);
    expect(exitCode).toBe(1);
  });

  it.each([
    new UserError('no picture', { cause: new Error('from rtsp://admin:hunter2@camera/1') }),
    new Error('broken', { cause: new Error('from rtsp://admin:hunter2@camera/1') }),
  ])('hold no password, not even of a cause (%s)', (error) => {
    const { text } = lastWords(error);
    expect(text).toContain('rtsp://***@camera/1');
    expect(text).not.toContain('hunter2');
  });

  it('call a signal no fault, wherever it was noticed', () => {
    const stop = new Stopped('SIGTERM', { kept: 'nothing is kept' });
    const aborted = new DOMException('This operation was aborted', 'AbortError');
    Object.defineProperty(aborted, 'cause', { value: stop });
    for (const error of [stop, aborted]) {
      expect(lastWords(error)).toEqual({ text: 'stopped by SIGTERM: nothing is kept', exitCode: 143 });
    }
  });

  it('keep all errors where closing failed after another failure', () => {
    const closing = new AggregateError([new UserError('the disk is full'), new UserError('the socket is gone')]);
    const both = Object.assign(new Error('suppressed'), { suppressed: new UserError('no picture'), error: closing });
    expect(lastWords(both).text.split('\n')).toEqual(['no picture', 'the disk is full', 'the socket is gone']);
  });
});
