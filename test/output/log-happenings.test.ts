import { describe, expect, it } from 'vitest';
import type { StateEvent } from '../../src/domain/event.ts';
import type { Happening } from '../../src/domain/happening.ts';
import { runLog, serviceLog } from '../../src/output/log-happenings.ts';
import { createLogger } from '../../src/output/logger.ts';
import { RunStatistics } from '../../src/output/run-statistics.ts';
import { summaryJson } from '../../src/output/summary.ts';

const stream = 'door';
const event = { stream, label: 'cat', kind: 'onset', probability: 0.512, presentationSeconds: 3.14 } as StateEvent;
const plan = {
  pace: 'whole' as const,
  codec: 'h264',
  display: { width: 1280, height: 720 },
  looksAt: 'the middle 630x630 of 1280x720 (43 %)',
  grid: { width: 448, height: 448 },
  strides: { x: [1, 2], y: [1, 2] },
  adapter: 'closed_form',
  bundle: 'small',
};
const device: Happening = { type: 'device_chosen', device: 'cpu', name: 'a processor', reason: 'asked for' };

/** The lines that the log has of these happenings. */
function logged(subscriber: typeof serviceLog, happenings: readonly Happening[]): string[] {
  const lines: string[] = [];
  const clock = { date: () => new Date(0) };
  const log = createLogger({ level: 'debug', format: 'json', write: (line) => void lines.push(line), clock });
  happenings.forEach(subscriber(log));
  return lines.map((line) => {
    const { level, msg, err } = JSON.parse(line) as { level: string; msg: string; err?: { message: string } };
    return `${level}: ${msg}${err ? ` [${err.message}]` : ''}`;
  });
}

describe('serviceLog', () => {
  it.each<[Happening, string]>([
    [{ type: 'stream_state', stream, state: 'connecting' }, 'debug: door: connecting'],
    [{ type: 'stream_state', stream, state: 'live' }, 'info: door: live'],
    [{ type: 'stream_state', stream, state: 'stalled', reason: 'no frame' }, 'warn: door: stalled (no frame)'],
    [{ type: 'stream_state', stream, state: 'backing_off' }, 'warn: door: backing_off'],
    [{ type: 'stream_state', stream, state: 'failed', reason: 'no video' }, 'error: door: failed (no video)'],
    [
      { type: 'resolution_changed', stream, native: { width: 640, height: 360 } },
      'info: door: the source is 640x360 now',
    ],
    [{ type: 'planned', stream, plan }, 'info: door: h264 1280x720, read whole → 448x448, adapter closed_form, small'],
    [{ type: 'adapter_active', stream, id: '9f3c', native: plan.display }, 'debug: door: adapter 9f3c'],
    [{ type: 'fit_started', stream }, 'info: door: a front end is being fitted'],
    [{ type: 'fit_ended', stream, seconds: 61.2, outcome: 'done' }, 'info: door: the fit ended after 61 s'],
    [
      { type: 'fit_ended', stream, seconds: 1, outcome: 'failed', reason: 'no camera' },
      'warn: door: the fit ended after 1 s without a result: no camera',
    ],
    [{ type: 'fit_ended', stream, seconds: 1, outcome: 'stopped' }, 'debug: door: the fit was stopped after 1 s'],
    [{ type: 'decoder_chosen', stream, hardware: 'vaapi', reason: 'found' }, 'debug: door: decoded by vaapi (found)'],
    [
      { type: 'decoder_chosen', stream, hardware: 'none', reason: 'asked for' },
      'debug: door: decoded on the processor (asked for)',
    ],
    [
      { type: 'source_seen', stream, seconds: 4, durationSeconds: 8, complete: false },
      'warn: door: the source must last 8.0 s as it says, but only 4.0 s of it could be decoded: it is cut off or damaged; copy it again',
    ],
    [{ type: 'event', stream, event }, 'info: door: cat onset (0.51)'],
    [{ type: 'trouble', stream, sentence: 'the adapter is damaged' }, 'warn: door: the adapter is damaged'],
    [{ type: 'trouble', sentence: 'nobody listens' }, 'warn: nobody listens'],
    [{ type: 'fault', stream, error: new Error('x') }, 'error: door: a fault of edge-cls, please report it [x]'],
    [{ type: 'config_reloaded', result: 'applied' }, 'info: configuration read again: applied'],
    [
      { type: 'config_reloaded', result: 'rejected', error: new Error('no YAML') },
      'error: the configuration was refused, the one before stays [no YAML]',
    ],
    [device, 'info: networks run on cpu (a processor; asked for)'],
  ])('should say %j', (happening, line) => {
    expect(logged(serviceLog, [happening])).toEqual([line]);
  });

  it('should be silent about single frames', () => {
    const frames: Happening[] = [
      { type: 'frame_received', stream, count: 1 },
      { type: 'frame_dropped', stream, reason: 'stale', count: 1 },
      { type: 'stage_run', stage: 'frontend', seconds: 0.1 },
      { type: 'logged', level: 'info' },
    ];
    expect(logged(serviceLog, frames)).toEqual([]);
  });
});

describe('runLog', () => {
  it('should say what will be, what was decided when, and what failed', () => {
    const happenings: Happening[] = [
      device,
      { type: 'planned', stream, plan },
      { type: 'stream_state', stream, state: 'live' },
      { type: 'event', stream, event },
      { type: 'stream_state', stream, state: 'failed', reason: 'it broke off' },
    ];
    expect(logged(runLog, happenings)).toEqual([
      'debug: networks run on cpu (a processor; asked for)',
      'info: door: h264, read whole, looks at the middle 630x630 of 1280x720 (43 %), small on cpu',
      'debug: door: decoded to 448x448, strides x (1, 2) y (1, 2), adapter closed form',
      'info: door at 3.1 s: cat onset (0.51)',
      'error: it broke off',
    ]);
  });
});

describe('unreadable pictures', () => {
  const pictures = Array.from({ length: 13 }, (_, i) => ({ path: `/photos/${i}.jpg`, reason: 'is cut off' }));

  it('have a line each, at most ten, then a count', () => {
    const lines = logged(runLog, [{ type: 'pictures_unreadable', stream, pictures }]);
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe('warn: door: not classified: /photos/0.jpg is cut off');
    expect(lines[10]).toBe('warn: door: not classified: 3 more that cannot be read; --json names all');
  });

  it('are all in the summary for programs', () => {
    const statistics = new RunStatistics();
    statistics.subscriber({ type: 'pictures_unreadable', stream, pictures });
    const counts = { received: 13, classified: 0, dropped: { decode_error: 13 }, inFlight: 0 };
    const json = summaryJson(statistics.summary(1, new Map([[stream, counts]])));
    expect(json.streams[0]?.unreadable).toHaveLength(13);
    expect(json.streams[0]?.unreadable[12]).toEqual({ file: '/photos/12.jpg', reason: 'is cut off' });
  });
});
