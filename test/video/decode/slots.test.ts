import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameSplitter } from '../../../src/video/decode/frame-splitter.ts';
import { Slots } from '../../../src/video/decode/slots.ts';

const never = new AbortController().signal;

describe('Slots', () => {
  test('no more than there are, and the same memory again', () => {
    const slots = new Slots(2, 8);
    const first = slots.acquire()!;
    expect(slots.acquire()).toHaveLength(8);
    expect(slots.acquire()).toBeUndefined();
    slots.release(first);
    expect(slots.acquire()!.buffer).toBe(first.buffer);
    expect(slots.inUse).toBe(2);
  });

  test('a buffer that went to a worker and came back is taken back', () => {
    const slots = new Slots(1, 8);
    const sent = slots.acquire()!;
    const back = new Uint8Array(structuredClone(sent.buffer, { transfer: [sent.buffer] }));
    slots.release(back);
    expect(slots.acquire()!.buffer).toBe(back.buffer);
  });

  test('one that was lost with its worker is replaced', () => {
    const slots = new Slots(1, 8);
    const lost = slots.acquire()!;
    structuredClone(lost.buffer, { transfer: [lost.buffer] });
    slots.release(lost);
    expect(slots.acquire()).toHaveLength(8);
  });

  test('released twice, and of a foreign size', () => {
    const slots = new Slots(2, 8);
    const first = slots.acquire()!;
    slots.acquire();
    expect(() => slots.release(new Uint8Array(9))).toThrow(/9 bytes/);
    slots.release(first);
    expect(() => slots.release(first)).toThrow(/released twice/);
  });

  test('whenFree waits for a release, and for nothing when there is one or it is over', async () => {
    const slots = new Slots(1, 8);
    await slots.whenFree(never);
    const taken = slots.acquire()!;
    let free = false;
    const waiting = slots.whenFree(never).then(() => (free = true));
    await Promise.resolve();
    expect(free).toBe(false);
    slots.release(taken);
    await waiting;
    slots.acquire();
    const abort = new AbortController();
    const aborted = slots.whenFree(abort.signal);
    abort.abort();
    await aborted;
    await slots.whenFree(abort.signal);
  });
});

describe('FrameSplitter', () => {
  test('any cutting into chunks gives the same frames, in order, and names the rest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.uint8Array({ maxLength: 50 })), (frameBytes, chunks) => {
        const all = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
        const frames: number[][] = [];
        const splitter = new FrameSplitter({
          frameBytes,
          target: () => new Uint8Array(frameBytes),
          onFrame: (pixels) => frames.push([...pixels!]),
        });
        for (const chunk of chunks) expect(splitter.push(chunk)).toBe(chunk.length);
        const whole = Math.floor(all.length / frameBytes);
        expect(frames).toHaveLength(whole);
        expect(frames.flat()).toEqual([...all.subarray(0, whole * frameBytes)]);
        expect(splitter.partialBytes).toBe(all.length % frameBytes);
      }),
    );
  });

  test('skipped frames are counted over, and do not shift the ones after', () => {
    const frames: (number[] | undefined)[] = [];
    let turn = 0;
    const splitter = new FrameSplitter({
      frameBytes: 2,
      target: () => (turn++ % 2 === 1 ? 'skip' : new Uint8Array(2)),
      onFrame: (pixels) => frames.push(pixels && [...pixels]),
    });
    for (const part of [[1], [1, 2], [2, 3, 3, 4]]) splitter.push(Uint8Array.from(part));
    expect(frames).toEqual([[1, 1], undefined, [3, 3]]);
    expect(splitter.partialBytes).toBe(1);
    expect(splitter.takePartial()).toBeUndefined();
  });

  test('waits at the start of a frame, taking nothing', () => {
    let free = true;
    const frames: number[][] = [];
    const splitter = new FrameSplitter({
      frameBytes: 2,
      target: () => (free ? new Uint8Array(2) : 'wait'),
      onFrame: (pixels) => {
        free = false;
        frames.push([...pixels!]);
      },
    });
    expect(splitter.push(Uint8Array.of(1, 1, 2, 2))).toBe(2);
    expect(splitter.push(Uint8Array.of(2, 2))).toBe(0);
    free = true;
    expect(splitter.push(Uint8Array.of(2, 2))).toBe(2);
    expect(frames).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });
});
