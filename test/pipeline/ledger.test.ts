import fc from 'fast-check';
import { concat, EMPTY, NEVER, throwError, timer, VirtualTimeScheduler, type OperatorFunction } from 'rxjs';
import { map, mergeMap, tap } from 'rxjs/operators';
import { describe, expect, it } from 'vitest';
import { handlers, Happenings } from '../../src/domain/happenings.ts';
import { Batcher } from '../../src/pipeline/batcher.ts';
import { latestMap } from '../../src/pipeline/latest-map.ts';
import { droppedTotal, Ledger } from '../../src/pipeline/ledger.ts';
import { losslessMap } from '../../src/pipeline/lossless-map.ts';
import { rateLimit } from '../../src/pipeline/rate-limit.ts';

interface Frame {
  readonly stream: string;
  readonly id: number;
}

describe('Ledger', () => {
  it('should count per stream and reason, and tell what is received and dropped', () => {
    const happenings = new Happenings();
    const told: unknown[] = [];
    happenings.subscribe(
      handlers({
        frame_received: ({ stream, count }) => told.push([stream, count]),
        frame_dropped: ({ stream, reason, count }) => told.push([stream, reason, count]),
      }),
    );
    const ledger = new Ledger(happenings);
    const [a, b, c] = [{ stream: 's' }, { stream: 's' }, { stream: 's' }];
    for (const frame of [a, b, c]) ledger.received(frame);
    ledger.classified(a);
    ledger.dropped(b, 'stale');
    ledger.lost('s', 'decode_error', 4);
    expect(ledger.counts('s')).toEqual({
      received: 7,
      classified: 1,
      dropped: { stale: 1, decode_error: 4 },
      inFlight: 1,
    });
    expect(told).toEqual([
      ['s', 1],
      ['s', 1],
      ['s', 1],
      ['s', 'stale', 1],
      ['s', 4],
      ['s', 'decode_error', 4],
    ]);
    expect(ledger.streams()).toEqual(['s']);
    ledger.forget('s');
    expect(ledger.counts('s')).toEqual({ received: 0, classified: 0, dropped: {}, inFlight: 0 });
  });

  it('should refuse a frame that is entered or settled twice, or settled without being entered', () => {
    const ledger = new Ledger();
    const frame = { stream: 'cam' };
    expect(() => ledger.classified(frame)).toThrow('a frame of stream cam was classified, but it was not in flight');
    ledger.received(frame);
    expect(() => ledger.received(frame)).toThrow('a frame of stream cam was received twice');
    ledger.dropped(frame, 'decode_error');
    expect(() => ledger.dropped(frame, 'stale')).toThrow('was dropped (stale), but it was not in flight');
  });

  it('should balance at every moment, whatever the operators, streams, failures and the end', () => {
    const stream = fc.record({
      gaps: fc.array(fc.nat(6), { maxLength: 25 }),
      frontEndMs: fc.nat(4),
      live: fc.boolean(),
      failsAt: fc.option(fc.nat(25)),
      endsAt: fc.nat(120),
    });
    const device = fc.record({ workMs: fc.nat(9), size: fc.integer({ min: 1, max: 4 }), maxWaitMs: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(stream, { minLength: 1, maxLength: 4 }), device, (streams, { workMs, size, maxWaitMs }) => {
        const scheduler = new VirtualTimeScheduler();
        const ledger = new Ledger();
        const sent = streams.map(() => 0);
        const classified = streams.map(() => 0);
        const inside = streams.map(() => new Set<number>());
        const batcher = new Batcher<Frame, Frame>({
          size,
          maxWaitMs,
          inFlight: 1,
          scheduler,
          project: (frames) => timer(workMs, scheduler).pipe(map(() => frames)),
        });
        const check = () =>
          streams.forEach((_, index) => {
            const counts = ledger.counts(String(index));
            expect(counts.received).toBe(sent[index]);
            expect(counts.classified).toBe(classified[index]);
            // Dropped is counted by the ledger alone; in flight by the test's own set.
            expect(counts.received).toBe(counts.classified + droppedTotal(counts) + counts.inFlight);
          });
        streams.forEach(({ gaps, frontEndMs, live, failsAt, endsAt }, index) => {
          const frames$ = concat(...gaps.map((gap) => timer(gap, scheduler)), NEVER).pipe(
            map((): Frame => ({ stream: String(index), id: sent[index]!++ })),
            tap((frame) => ledger.received(frame)),
          );
          const classify = (frame: Frame) => {
            inside[index]!.add(frame.id);
            return timer(frontEndMs, scheduler).pipe(
              mergeMap(() => (frame.id === failsAt ? throwError(() => new Error('front end')) : EMPTY)),
              (empty$) => concat(empty$, batcher.submit(frame.stream, frame)),
              tap((done) => {
                inside[index]!.delete(done.id);
                classified[index]!++;
                ledger.classified(done);
              }),
            );
          };
          const stale = (frame: Frame) => ledger.dropped(frame, 'stale');
          const stage: OperatorFunction<Frame, Frame> = live
            ? latestMap(classify, stale)
            : losslessMap(classify, 2, stale);
          const subscription = frames$
            .pipe(
              rateLimit({
                framesPerSecond: 400,
                clock: scheduler,
                onDrop: (frame) => ledger.dropped(frame, 'rate_limit'),
              }),
              stage,
            )
            .subscribe({ error: () => undefined });
          scheduler.schedule(() => subscription.unsubscribe(), endsAt);
        });
        for (let at = 0; at < 200; at += 3) scheduler.schedule(check, at);
        scheduler.flush();
        check();
        streams.forEach((_, index) => {
          // What remains in flight is what was given to the stage and cut off in it, nothing else.
          expect(ledger.counts(String(index)).inFlight).toBe(inside[index]!.size);
        });
      }),
      { numRuns: 200 },
    );
  });
});
