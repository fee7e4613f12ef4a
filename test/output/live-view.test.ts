import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveView } from '../../src/output/live-view.ts';
import { statusLines, type StreamStatus } from '../../src/output/status-lines.ts';
import type { Progress } from '../../src/output/progress.ts';
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
/** A terminal that knows no colours. */
const env = { NO_COLOR: '1' };

const yard: StreamStatus = { stream: 'backyard', framesPerSecond: 0, dropped: 0, state: 'connecting' };

function setUp(terminal = new FakeTerminal(), statusIntervalSeconds = 10) {
  const time = { now: 0 };
  const view = new LiveView({ out: terminal, clock: { now: () => time.now }, statusIntervalSeconds, env });
  return { terminal, view, time };
}

describe('statusLines', () => {
  it('should align streams and leave out what does not fit, least important first', () => {
    expect(statusLines([door, yard], 100)).toEqual([
      'door        25.0/s  latency   32 ms  dropped 12  ● water bottle 0.52',
      'backyard     0.0/s  connecting',
    ]);
    expect(statusLines([door], 58)).toEqual(['door    25.0/s  latency   32 ms  ● water bottle 0.52']);
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

describe('statusLines of what has an end', () => {
  const film: StreamStatus = {
    stream: 'film.mp4',
    framesPerSecond: 0,
    dropped: 0,
    best: { label: 'cup', probability: 0.1 },
  };
  const line = (progress: Progress, columns = 120) => statusLines([{ ...film, progress }], columns)[0];
  const half: Progress = { done: 2700, total: 6000, unit: 'seconds', elapsedSeconds: 100 };

  it('should show a bar, the position, the speed and the time that is left', () => {
    expect(line(half)).toBe('film.mp4  ━━━━━━━━━───────────   45 %    45:00 of 1:40:00    27×  2:02 left  ○ cup 0.10');
    expect(line({ done: 5, total: 12, unit: 'pictures', elapsedSeconds: 2 })).toBe(
      'film.mp4  ━━━━━━━━────────────   41 %   5 of 12    2.5/s  0:03 left  ○ cup 0.10',
    );
  });

  it('should not guess a speed from a few frames, nor from none', () => {
    expect(line({ ...half, elapsedSeconds: 0.2 })).not.toMatch(/×|left/);
    expect(line({ ...half, done: 0 })).not.toMatch(/×|left|NaN|Infinity/);
    expect(line({ ...half, done: 0, total: 0 })).toContain('  0 %');
  });

  it('should end at 100 %, without a time that is left', () => {
    const end = line({ ...half, done: 6001 });
    expect(end).toContain('━━━━━━━━━━━━━━━━━━━━  100 %  1:40:00 of 1:40:00');
    expect(end).not.toContain('left');
  });

  it('should keep how much is done on a narrow terminal', () => {
    expect(line(half, 60)).toBe('film.mp4  ━━━━━━━━━───────────   45 %  2:02 left  ○ cup 0.10');
    expect(line(half, 40)).toBe('film.mp4   45 %  2:02 left  ○ cup 0.10');
  });
});

describe('LiveView on a terminal', () => {
  it('should redraw in place, in one write, and leave nothing of longer lines', () => {
    const { terminal, view, time } = setUp();
    view.update([door, yard]);
    time.now = 200;
    view.update([{ ...door, best: { label: 'cup', probability: 0.4 }, on: [] }]);
    expect(terminal.writes).toBe(2);
    expect(terminal.screen).toEqual(['door    25.0/s  latency   32 ms  dropped 12  ○ cup 0.40']);
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
    expect(terminal.screen).toEqual(['before', 'a message', 'another', 'backyard     0.0/s  connecting']);
  });

  it('should draw the last state when it closes, and leave it', () => {
    const { terminal, view } = setUp();
    view.update([door]);
    view.update([yard]);
    view.close();
    view.close();
    view.print('after');
    expect(terminal.screen).toEqual(['backyard     0.0/s  connecting', 'after']);
  });

  it('should show as many streams as there are rows', () => {
    const { terminal, view, time } = setUp(new FakeTerminal(80, 4));
    const many = Array.from({ length: 9 }, (_, i) => ({ ...yard, stream: `s${String(i)}` }));
    view.update(many);
    time.now = 100;
    view.update(many);
    expect(terminal.screen.map((line) => line.slice(0, 10))).toEqual(['s0     0.0', 's1     0.0', '… and 7 mo']);
  });

  it('should say below what is to be said of all, also where streams are left out', () => {
    const { terminal, view, time } = setUp(new FakeTerminal(80, 4));
    view.update([door], '3 of 9 sources done');
    expect(terminal.screen.at(-1)).toBe('3 of 9 sources done');
    time.now = 100;
    view.update(
      Array.from({ length: 9 }, (_, i) => ({ ...yard, stream: `s${String(i)}` })),
      '0 of 9 sources done',
    );
    expect(terminal.screen.at(-1)).toBe('… and 7 more; 0 of 9 sources done');
    time.now = 200;
    view.update([], '9 of 9 sources done');
    view.close();
    expect(terminal.screen).toEqual(['9 of 9 sources done']);
  });

  it('should redraw in place after the terminal has become narrower and wrapped the lines', () => {
    const writes: string[] = [];
    const out = { isTTY: true, columns: 80, rows: 24, write: (text: string) => writes.push(text) };
    const time = { now: 0 };
    const view = new LiveView({ out, clock: { now: () => time.now }, statusIntervalSeconds: 10, env });
    view.update([door]);
    out.columns = 30;
    time.now = 100;
    view.update([door]);
    // 63 columns are three lines of 30.
    expect(writes[1]).toMatch(/^\u001b\[3A\r/);
  });

  it('should draw nothing where it is to be quiet, and print all the same', () => {
    const terminal = new FakeTerminal();
    const view = new LiveView({ out: terminal, clock: { now: () => 0 }, statusIntervalSeconds: 1, quiet: true, env });
    view.update([door]);
    view.print('an error\n');
    view.close();
    expect(terminal.screen).toEqual(['an error']);
  });

  it('should colour what is on and the bar, where colours are wanted', () => {
    const painted = (environment: Record<string, string>) => {
      const writes: string[] = [];
      const out = { isTTY: true, columns: 80, rows: 24, write: (text: string) => writes.push(text) };
      new LiveView({ out, clock: { now: () => 0 }, statusIntervalSeconds: 1, env: environment }).update([door]);
      return writes.join('');
    };
    expect(painted({ TERM: 'xterm' })).toContain('\u001b[32m● water bottle 0.52\u001b[39m');
    expect(painted({ TERM: 'xterm', NO_COLOR: '1' })).not.toContain('\u001b[32m');
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
  it('should write plain lines on a terminal that cannot move its cursor', () => {
    const written: string[] = [];
    const out = { isTTY: true, write: (text: string) => written.push(text) };
    const time = { now: 0 };
    const view = new LiveView({
      out,
      clock: { now: () => time.now },
      statusIntervalSeconds: 10,
      env: { TERM: 'dumb' },
    });
    for (; time.now <= 10_000; time.now += 1000) view.update([door]);
    view.close();
    expect(written).toEqual(['door    25.0/s  latency   32 ms  dropped 12  ● water bottle 0.52\n']);
  });

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
    if (times > 0) expect(written[0]).toBe('door    25.0/s  latency   32 ms  dropped 12  ● water bottle 0.52\n');
  });
});
