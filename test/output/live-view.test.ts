import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveView } from '../../src/output/live-view.ts';
import { statusLines, type StreamStatus } from '../../src/output/status-lines.ts';
import { width } from '../../src/output/terminal-text.ts';
import { FakeTerminal } from './terminal.ts';

const door: StreamStatus = {
  stream: 'door',
  framesPerSecond: 24.96,
  age: { p50: 0.0321, p99: 0.08 },
  dropped: 12,
  best: { label: 'water bottle', probability: 0.523 },
  on: ['water bottle'],
};
const yard: StreamStatus = { stream: 'backyard', framesPerSecond: 0, dropped: 0, state: 'connecting' };

function setUp(terminal = new FakeTerminal(), statusIntervalSeconds = 10) {
  const time = { now: 0 };
  const view = new LiveView({ out: terminal, clock: { now: () => time.now }, statusIntervalSeconds });
  return { terminal, view, time };
}

describe('statusLines', () => {
  it('should align streams and leave out what does not fit, least important first', () => {
    expect(statusLines([door, yard], 100)).toEqual([
      'door        25.0/s  age   32 /   80 ms  dropped 12  ● water bottle 0.52',
      'backyard     0.0/s  dropped 0  connecting',
    ]);
    expect(statusLines([door], 60)).toEqual(['door    25.0/s  age   32 /   80 ms  ● water bottle 0.52']);
    expect(statusLines([door], 40)).toEqual(['door    25.0/s  ● water bottle 0.52']);
    expect(statusLines([door], 30)).toEqual(['door  ● water bottle 0.52']);
    expect(statusLines([door], 12)).toEqual(['door  ● wat…']);
  });

  it('should mark what is only the likeliest, and name others that are on', () => {
    const status = { ...door, best: { label: 'cup', probability: 0.1 }, on: ['dog', 'cat'] };
    expect(statusLines([status], 100)[0]).toContain('○ cup 0.10  ● dog, cat');
  });

  it('should never be wider than asked, nor have control characters, for any text', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constant('水瓶🍾'));
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 120 }), (stream, label, columns) => {
        const [line = ''] = statusLines([{ ...door, stream, best: { label, probability: 1 } }], columns);
        expect(width(line)).toBeLessThanOrEqual(columns);

        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      }),
    );
  });
});

describe('LiveView on a terminal', () => {
  it('should redraw in place, in one write, and leave nothing of longer lines', () => {
    const { terminal, view, time } = setUp();
    view.update([door, yard]);
    time.now = 200;
    view.update([{ ...door, best: { label: 'cup', probability: 0.4 }, on: [] }]);
    expect(terminal.writes).toBe(2);
    expect(terminal.screen).toEqual(['door    25.0/s  age   32 /   80 ms  dropped 12  ○ cup 0.40']);
  });

  it('should not redraw more often than ten times a second', () => {
    const { terminal, view, time } = setUp();
    for (time.now = 0; time.now < 1000; time.now += 10) view.update([door]);
    expect(terminal.writes).toBe(10);
  });

  it('should print above the live lines', () => {
    const { terminal, view } = setUp();
    view.print('before');
    view.update([yard]);
    view.print('a message\n');
    view.print('another');
    expect(terminal.screen).toEqual(['before', 'a message', 'another', 'backyard     0.0/s  dropped 0  connecting']);
  });

  it('should draw the last state when it closes, and leave it', () => {
    const { terminal, view } = setUp();
    view.update([door]);
    view.update([yard]);
    view.close();
    view.close();
    view.print('after');
    expect(terminal.screen).toEqual(['backyard     0.0/s  dropped 0  connecting', 'after']);
  });

  it('should show as many streams as there are rows', () => {
    const { terminal, view, time } = setUp(new FakeTerminal(80, 4));
    const many = Array.from({ length: 9 }, (_, i) => ({ ...yard, stream: `s${String(i)}` }));
    view.update(many);
    time.now = 100;
    view.update(many);
    expect(terminal.screen.map((line) => line.slice(0, 10))).toEqual(['s0     0.0', 's1     0.0', '… and 7 mo']);
  });

  it('should stay within any terminal', () => {
    const sizes = fc.record({ columns: fc.integer({ min: 2, max: 100 }), rows: fc.integer({ min: 2, max: 30 }) });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(12), { maxLength: 10 }), ({ columns, rows }, counts) => {
        const { terminal, view, time } = setUp(new FakeTerminal(columns, rows));
        for (const count of counts) {
          time.now += 100;
          view.update(Array.from({ length: count }, (_, i) => (i % 2 ? door : yard)));
        }
        // Only the last state is there, whatever was there before.
        expect(terminal.screen).toHaveLength(Math.min(counts.at(-1) ?? 0, rows - 1));
      }),
    );
  });
});

describe('LiveView elsewhere', () => {
  it.each([
    [10, 3],
    [0, 0],
  ])('should write plain lines every %i seconds', (interval, times) => {
    const written: string[] = [];
    const time = { now: 5 };
    const view = new LiveView({
      out: { write: (text: string) => written.push(text) },
      clock: { now: () => time.now },
      statusIntervalSeconds: interval,
    });
    for (; time.now <= 35_000; time.now += 1000) view.update([door]);
    view.close();
    expect(written).toHaveLength(times);
    expect(new Set(written).size).toBeLessThanOrEqual(1);
    if (times > 0) expect(written[0]).toBe('door    25.0/s  age   32 /   80 ms  dropped 12  ● water bottle 0.52\n');
  });
});
