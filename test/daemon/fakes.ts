/** Sources, devices and an engine that do what a test says, at once; time is vitest's, moved by hand. */
import { Observable, of, Subject } from 'rxjs';
import { resolveConfig } from '../../src/config/load.ts';
import type { StreamConfig } from '../../src/config/schema.ts';
import type { Frame } from '../../src/domain/frame.ts';
import type { Happening } from '../../src/domain/happening.ts';
import { Happenings } from '../../src/domain/happenings.ts';
import type { Engine, Graph, Tensors } from '../../src/engine/engine.ts';
import type { StreamCommons } from '../../src/daemon/stream/running-stream.ts';
import type { Sources } from '../../src/daemon/stream/sources.ts';
import { planStream, type StreamPlan } from '../../src/daemon/stream/stream-plan.ts';
import type { Bundle } from '../../src/model/bundle.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import type { Exit } from '../../src/video/source/source-options.ts';
import type { SourceInfo } from '../../src/video/source/source-info.ts';
import type { Source } from '../../src/video/source/source.ts';
import type { SourceSpec } from '../../src/video/source/source-spec.ts';
import { smallCard } from '../learning/small-classifier.ts';

export const native = { width: 640, height: 360 };
export const info: SourceInfo = {
  codec: 'h264',
  pixelFormat: 'yuv420p',
  native,
  display: native,
  sampleAspectRatio: 1,
  frameRate: 25,
  hasAudio: false,
};

export const clock = { now: () => Date.now(), date: () => new Date() };
export const bundle: Bundle = { directory: '', modelPath: '', card: smallCard(['cat', 'dog'], 'softmax') };

type Opened = Parameters<Sources['open']>[1];

/** One that was opened; ends when its signal is aborted, or nobody takes its frames any more, as ffmpeg does. */
export class FakeSource implements Source {
  readonly plan: StreamPlan;
  readonly parts: Opened;
  readonly exited: Promise<Exit>;
  /** Buffers that came back. */
  readonly released: Uint8Array[] = [];
  readonly #frames$ = new Subject<Frame>();
  #sequence: number;
  #closed = false;
  #exit: (exit: Exit) => void = () => undefined;

  constructor(plan: StreamPlan, parts: Opened) {
    this.plan = plan;
    this.parts = parts;
    this.#sequence = parts.skipFrames ?? 0;
    this.exited = new Promise((resolve) => (this.#exit = resolve));
    parts.signal.addEventListener('abort', () => this.end());
  }

  readonly frames$ = new Observable<Frame>((subscriber) => {
    const taking = this.#frames$.subscribe(subscriber);
    return () => {
      if (!this.#closed) this.reap();
      taking.unsubscribe();
    };
  });

  release(pixels: Uint8Array<ArrayBuffer>): void {
    this.released.push(pixels);
  }

  /** The frame that was given, by default of the planned size. */
  give(change: Partial<Frame> = {}): Frame {
    const sequence = this.#sequence++;
    const frame: Frame = {
      stream: this.plan.name,
      sequence,
      pixels: new Uint8Array(1),
      grid: this.plan.decoder.grid,
      presentationSeconds: sequence / 2,
      capturedAt: clock.now(),
      native,
      ...change,
    };
    this.#frames$.next(frame);
    return frame;
  }

  end(): void {
    this.reap();
    this.#frames$.complete();
  }

  /** Gives no more frames; its child is there until `reap`. */
  close(): void {
    this.#closed = true;
    this.#frames$.complete();
  }

  /** Fails; its child is there until `reap`. */
  fail(error: Error): void {
    this.#closed = true;
    this.#frames$.error(error);
  }

  reap(): void {
    this.#exit({ unreadable: [] as Exit['unreadable'] } as Exit);
  }
}

export class FakeSources implements Sources {
  readonly opened: FakeSource[] = [];
  readonly looked: SourceSpec[] = [];
  /** What the next look gives, or fails with. */
  found: SourceInfo | Error = info;

  readonly look: Sources['look'] = (spec) => {
    this.looked.push(spec);
    return this.found instanceof Error ? Promise.reject(this.found) : Promise.resolve(this.found);
  };

  open(plan: StreamPlan, parts: Opened): Source {
    const source = new FakeSource(plan, parts);
    this.opened.push(source);
    return source;
  }

  get last(): FakeSource {
    const source = this.opened.at(-1);
    if (!source) throw new Error('no source was opened');
    return source;
  }
}

/** All streams' parts without a device: every frame is a cat, as soon as it comes. */
export function fakeCommons(sources: Sources = new FakeSources()) {
  const happenings = new Happenings();
  const told: Happening[] = [];
  happenings.subscribe((happening) => told.push(happening));
  const images = { taken: 0, back: 0 };
  const leases = { taken: 0, back: 0 };
  const commons: StreamCommons = {
    sources,
    clock,
    batch: { size: 1, max_wait_seconds: 0, in_flight: 1 },
    ledger: new Ledger(happenings),
    happenings,
    closing: new Set(),
    devices: {
      lease: () => {
        leases.taken++;
        return Promise.resolve({
          classifier: { batcher: { submit: () => of(Float32Array.of(4, -4)) } },
          frontEnd: {
            images: 1,
            run: (pixels) => {
              images.taken++;
              return Promise.resolve({ image: new Float32Array(1), pixels, milliseconds: 3 });
            },
            release: () => {
              images.back++;
            },
          },
          [Symbol.asyncDispose]: () => {
            leases.back++;
            return Promise.resolve();
          },
        });
      },
    },
  };
  /** What was told of these types, in order. */
  const heard = <Type extends Happening['type']>(...types: readonly Type[]) =>
    told.filter((happening): happening is Extract<Happening, { type: Type }> =>
      (types as readonly string[]).includes(happening.type),
    );
  const states = (stream?: string) =>
    heard('stream_state').flatMap((each) => (stream === undefined || each.stream === stream ? [each.state] : []));
  return { commons, told, heard, states, images, leases };
}

export function streamConfig(change: Partial<StreamConfig> & { readonly source: string }): StreamConfig {
  const [config] = resolveConfig({ overrides: { streams: [{ name: 'door', ...change }] } }).streams;
  if (!config) throw new Error('the configuration lost its stream');
  return config;
}

/** As it would be planned on the processor; nothing is opened. */
export function fakePlan(config: StreamConfig, of: Bundle = bundle): Promise<StreamPlan> {
  return planStream(config, { info, bundle: of, device: { device: 'cpu' }, look: () => Promise.reject(new Error()) });
}

/** An engine whose graphs answer at once; counts what is loaded and released. */
export class FakeEngine implements Engine {
  readonly report = { device: 'cpu', name: 'none', reason: 'a test', threads: 1, parallelRuns: 1 } as const;
  readonly loaded: string[] = [];
  readonly released: string[] = [];
  readonly #logits: readonly number[];

  /** @param logits of every picture */
  constructor(logits: readonly number[]) {
    this.#logits = logits;
  }

  load(model: string | Uint8Array): Promise<Graph> {
    const name = typeof model === 'string' ? 'classifier' : 'front end';
    this.loaded.push(name);
    return Promise.resolve({
      inputNames: [],
      outputNames: [],
      run: (feeds, { into = {}, fetches = [] } = {}) => {
        const images = Object.values(feeds)[0]?.dims[0] ?? 1;
        const data = Float32Array.from({ length: images * this.#logits.length }, (_, i) => this.#logit(i));
        const [output] = fetches;
        const outputs: Tensors = output === undefined ? into : { [output]: { data, dims: [images] } };
        return Promise.resolve({ outputs, feeds, milliseconds: 1 });
      },
      release: () => {
        this.released.push(name);
        return Promise.resolve();
      },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  #logit(index: number): number {
    return this.#logits[index % this.#logits.length] ?? 0;
  }
}
