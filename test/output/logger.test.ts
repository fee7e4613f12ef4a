import { describe, expect, it } from 'vitest';
import { rememberSecret } from '../../src/domain/secrets.ts';
import { createLogger, type LogLevel } from '../../src/output/logger.ts';

const clock = { date: () => new Date('2030-01-02T03:04:05.678Z') };

function setUp(format: 'json' | 'text', level: LogLevel = 'info') {
  const lines: string[] = [];
  const levels: LogLevel[] = [];
  const logger = createLogger({
    format,
    level,
    clock,
    write: (line) => lines.push(line),
    onMessage: (l) => levels.push(l),
  });
  return { logger, lines, levels };
}

describe('createLogger', () => {
  it('should write one JSON object per line, and tell the level', () => {
    const { logger, lines, levels } = setUp('json');
    logger.warn({ stream: 'door' }, 'gone\nfor good');
    logger.debug('not asked for');
    expect(lines).toEqual([
      '{"level":"warn","time":"2030-01-02T03:04:05.678Z","stream":"door","msg":"gone\\nfor good"}\n',
    ]);
    expect(levels).toEqual(['warn']);
  });

  it('should say once what an error and its cause both say', () => {
    const { logger, lines } = setUp('json');
    const cause = new RangeError('index out of range');
    logger.error({ err: new Error('index out of range', { cause }) });
    logger.error({ err: new Error('not read', { cause }) });
    const messages = lines.map((line) => (JSON.parse(line) as { err: { message: string } }).err.message);
    expect(messages).toEqual(['index out of range', 'not read: index out of range']);
  });

  it('should take another level while it runs, as a reload sets it', () => {
    const { logger, lines } = setUp('json');
    logger.level = 'debug';
    logger.debug('shown');
    logger.level = 'error';
    logger.warn('not shown');
    expect(lines).toHaveLength(1);
  });

  it('should blank a secret in words, but leave the level that is spelt alike', () => {
    rememberSecret('info');
    rememberSecret('hunter-2-hunter');
    const { logger, lines } = setUp('json');
    logger.info({ camera: { says: ['info', 'hunter-2-hunter'] } }, 'no hunter%2D2-hunter');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      camera: { says: ['***', '***'] },
      msg: 'no ***',
    });
  });

  it('should write a line for people, with fields, and an error with its stack below', () => {
    const { logger, lines } = setUp('text');
    logger.info({ stream: 'door', attempts: 3, reason: 'no "host"' }, 'connecting');
    const error = new Error('lost');
    logger.error({ err: error }, 'stream failed');
    expect(lines[0]).toBe('03:04:05.678 INFO  connecting  stream=door  attempts=3  reason="no \\"host\\""\n');
    expect(lines[1]?.split('\n').slice(0, 2)).toEqual(['03:04:05.678 ERROR stream failed', '    Error: lost']);
  });

  it.each(['json', 'text'] as const)(
    'should keep passwords out of messages, fields, errors and child loggers (%s)',
    (format) => {
      const { logger, lines } = setUp(format);
      const url = 'rtsp://user:hunter2@10.0.0.1/stream';
      logger.info(`opening ${url}`);
      logger.info({ source: url, nested: { list: [url], ['key ' + url]: 1 } }, 'fields');
      logger.error(new Error(`cannot open ${url}`, { cause: new Error(`inner ${url}`) }));
      logger.child({ source: url }).info('child with http://host/x?password=hunter2&b=1');
      expect(lines).toHaveLength(4);
      expect(lines.join('')).not.toContain('hunter2');
      expect(lines.join('')).toContain('10.0.0.1/stream');
    },
  );

  it('should keep escape sequences off the terminal', () => {
    const { logger, lines } = setUp('text');
    logger.info({ name: '\u001b[2Jx' }, 'a\u001b]0;title\u0007b');

    expect(lines.join('').trimEnd()).not.toMatch(/[\u0000-\u001f]/);
  });
});
