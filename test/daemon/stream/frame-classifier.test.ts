import { NEVER, of, Subject, throwError, type Observable } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import { classifyFrame, type Lane } from '../../../src/daemon/stream/frame-classifier.ts';
import type { Frame } from '../../../src/domain/frame.ts';
import type { Prediction } from '../../../src/domain/prediction.ts';
import { RunError } from '../../../src/engine/engine.ts';
import type { FrontEndResult } from '../../../src/model/front-end/session.ts';
import { randomAdapter } from '../../support/front-end.ts';

const size = { width: 2, height: 2 };
const logits = Float32Array.of(1, 2);

/** A frame on its way, with what was given back of it. */
function way(batcher: (image: Float32Array) => Observable<Float32Array> = () => of(logits), images = 1) {
  const pixels = new Uint8Array(12);
  const image = new Float32Array(12);
  const frame: Frame = {
    stream: 'door',
    sequence: 7,
    pixels,
    grid: size,
    presentationSeconds: 1,
    capturedAt: 100,
    native: size,
  };
  let land: (result: FrontEndResult) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const [slots, given, told, frontEndSeconds]: [Uint8Array[], Float32Array[], unknown[], number[]] = [[], [], [], []];
  const lane: Lane = {
    frontEnd: {
      images,
      run: () =>
        new Promise((resolve, reject) => {
          land = resolve;
          fail = reject;
        }),
      release: (back) => given.push(back),
    },
    adapter: () => randomAdapter(1),
    release: (back) => slots.push(back),
  };
  const subscription = classifyFrame(frame, lane, {
    batcher: { submit: (_, value) => batcher(value) },
    clock: { now: () => 150, date: () => new Date(0) },
    onFrontEnd: (seconds) => frontEndSeconds.push(seconds),
  }).subscribe({
    next: (prediction: Prediction) => told.push(prediction),
    error: (error: unknown) => told.push(error),
    complete: () => told.push('complete'),
  });
  return {
    ...{ pixels, image, slots, images: given, told, frontEndSeconds, subscription },
    land: async () => {
      land({ image, pixels, milliseconds: 20 });
      await settled();
    },
    fail: async (error: unknown) => {
      fail(error);
      await settled();
    },
  };
}

/** What promises bring about has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('one frame', () => {
  test('is predicted; slot and image are given back, each once', async () => {
    const { land, pixels, image, slots, images, told, frontEndSeconds } = way();
    await land();
    expect(told).toEqual([
      expect.objectContaining({ stream: 'door', sequence: 7, decidedAt: 150, logits: [logits] }),
      'complete',
    ]);
    expect({ slots, images, frontEndSeconds }).toEqual({ slots: [pixels], images: [image], frontEndSeconds: [0.02] });
  });

  test('of two tiles is one prediction, when both are classified; the image is given back once', async () => {
    const answers = [new Subject<Float32Array>(), new Subject<Float32Array>()];
    const submitted: Float32Array[] = [];
    const submit = (part: Float32Array) => answers[submitted.push(part) - 1]!;
    const { land, image, images, told } = way(submit, 2);
    await land();
    expect(submitted).toEqual([image.subarray(0, 6), image.subarray(6)]);
    expect(submitted.map(({ byteOffset }) => byteOffset)).toEqual([0, 24]);
    for (const [i, answer$] of [...answers.entries()].reverse()) {
      expect({ told, images }).toEqual({ told: [], images: [] });
      answer$.next(Float32Array.of(i));
      answer$.complete();
    }
    expect(told).toEqual([
      expect.objectContaining({ sequence: 7, logits: [Float32Array.of(0), Float32Array.of(1)] }),
      'complete',
    ]);
    expect(images).toEqual([image]);
  });

  test('unsubscribed from before the front end lands: given back when it does, and not classified', async () => {
    const submit = vi.fn(() => of(logits));
    const { land, pixels, image, slots, images, subscription } = way(submit);
    subscription.unsubscribe();
    expect({ slots, images }).toEqual({ slots: [], images: [] });
    await land();
    expect({ slots, images }).toEqual({ slots: [pixels], images: [image] });
    expect(submit).not.toHaveBeenCalled();
  });

  test('unsubscribed from while it waits for a batch: the image is given back at once', async () => {
    const { land, image, images, subscription } = way(() => NEVER);
    await land();
    expect(images).toEqual([]);
    subscription.unsubscribe();
    expect(images).toEqual([image]);
  });

  test('whose run fails: the slot is given back with the buffer that came back', async () => {
    const { fail, slots, told } = way();
    const back = new Uint8Array(12);
    const error = new RunError('no', { pixels: { data: back, dims: [1, 3, 2, 2] } });
    await fail(error);
    expect(told).toEqual([error]);
    expect(slots).toEqual([back]);
    expect(slots[0]).toBe(back);
  });

  test('whose worker dies with the pixels: the slot is given back all the same', async () => {
    const { fail, pixels, slots, told } = way();
    structuredClone(pixels.buffer, { transfer: [pixels.buffer] });
    const error = new Error('the cpu worker has ended (code 134)');
    await fail(error);
    expect(told).toEqual([error]);
    expect(slots).toHaveLength(1);
    expect(slots[0]).toBe(pixels);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('a batcher that throws');
      },
    ],
    ['fails', () => throwError(() => new Error('a batcher that throws'))],
  ])('whose batcher %s: the stream is told, slot and image are given back', async (_, submit) => {
    const { land, pixels, image, slots, images, told } = way(submit);
    await land();
    expect(told).toEqual([expect.objectContaining({ message: 'a batcher that throws' })]);
    expect({ slots, images }).toEqual({ slots: [pixels], images: [image] });
  });

  test('whose adapter is not there: the stream is told, the slot is given back', async () => {
    const slots: Uint8Array[] = [];
    const told: unknown[] = [];
    const pixels = new Uint8Array(12);
    const frame = {
      stream: 'door',
      sequence: 0,
      pixels,
      grid: size,
      presentationSeconds: 0,
      capturedAt: 0,
      native: size,
    };
    const lane: Lane = {
      frontEnd: { images: 1, run: () => Promise.reject(new Error('not run')), release: () => undefined },
      adapter: () => {
        throw new Error('no adapter');
      },
      release: (back) => slots.push(back),
    };
    const parts = {
      batcher: { submit: () => new Subject<Float32Array>() },
      clock: { now: () => 0, date: () => new Date(0) },
      onFrontEnd: () => undefined,
    };
    classifyFrame(frame, lane, parts).subscribe({ error: (error: unknown) => told.push(error) });
    await settled();
    expect({ slots, told }).toEqual({ slots: [pixels], told: [expect.objectContaining({ message: 'no adapter' })] });
  });
});
