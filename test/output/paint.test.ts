import { describe, expect, it } from 'vitest';
import { canRedraw, paintFor } from '../../src/output/paint.ts';

const terminal = { isTTY: true };
const pipe = { isTTY: false };

describe('paintFor', () => {
  it.each([
    ['a terminal', terminal, { TERM: 'xterm-256color' }, true],
    ['a pipe', pipe, { TERM: 'xterm-256color' }, false],
    ['a terminal that knows nothing', terminal, { TERM: 'dumb' }, false],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['NO_COLOR that is empty, which counts as not set', terminal, { NO_COLOR: '' }, true],
    ['FORCE_COLOR in a pipe', pipe, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR before NO_COLOR', pipe, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, false],
  ])('%s', (_, out, env, colourful) => {
    expect(paintFor(out, env)('red', 'text')).toBe(colourful ? '\u001b[31mtext\u001b[39m' : 'text');
  });

  it('should leave nothing around nothing', () => {
    expect(paintFor(terminal, {})('red', '')).toBe('');
  });
});

describe('canRedraw', () => {
  it('should be so on a terminal that moves its cursor', () => {
    expect([canRedraw(terminal, {}), canRedraw(terminal, { TERM: 'dumb' }), canRedraw(pipe, {})]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
