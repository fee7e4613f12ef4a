import { describe, expect, it } from 'vitest';
import type { Happening } from '../../src/domain/happening.ts';
import { handlers, Happenings } from '../../src/domain/happenings.ts';

const live = { type: 'stream_state', stream: 'door', state: 'live' } as const;

describe('Happenings', () => {
  it('should tell all subscribers in their order, until they are disposed of', () => {
    const happenings = new Happenings();
    const heard: string[] = [];
    happenings.subscribe(({ type }) => heard.push(`first ${type}`));
    const second = happenings.subscribe(({ type }) => heard.push(`second ${type}`));
    happenings.tell(live);
    second[Symbol.dispose]();
    happenings.tell({ type: 'batch_run', frames: 2 });
    expect(heard).toEqual(['first stream_state', 'second stream_state', 'first batch_run']);
  });

  it('should keep a subscriber that throws from the teller and the others, and tell of it once', () => {
    const happenings = new Happenings();
    const heard: Happening[] = [];
    const error = new Error('the disk is full');
    let calls = 0;
    happenings.subscribe(() => {
      calls++;
      throw error;
    });
    happenings.subscribe((happening) => heard.push(happening));
    for (let i = 0; i < 3; i++) happenings.tell(live);
    expect(heard).toEqual([{ type: 'fault', error }, live, live, live]);
    // It goes on being told, and heard of its own fault.
    expect(calls).toBe(4);
  });

  it('should tell of each subscriber that throws', () => {
    const happenings = new Happenings();
    const faults: unknown[] = [];
    for (const name of ['a', 'b']) {
      happenings.subscribe(() => {
        throw new Error(name);
      });
    }
    happenings.subscribe(handlers({ fault: ({ error }) => faults.push(String(error)) }));
    happenings.tell(live);
    happenings.tell(live);
    expect(faults.sort()).toEqual(['Error: a', 'Error: b']);
  });
});

describe('handlers', () => {
  it('should pass what happens to the handler of its type, and the rest by', () => {
    const heard: unknown[] = [];
    const subscriber = handlers({
      stream_state: ({ stream, state }) => heard.push([stream, state]),
      fit_started: ({ stream }) => heard.push([stream]),
    });
    subscriber(live);
    subscriber({ type: 'batch_run', frames: 3 });
    subscriber({ type: 'fit_started', stream: 'yard' });
    expect(heard).toEqual([['door', 'live'], ['yard']]);
  });
});
