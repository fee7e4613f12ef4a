/**
 * Looks at single frames of streams that are fitted by themselves, beside their own way: a fit that was
 * offered runs in shadow until it is taken or rejected, one that is in use is rolled back when it does harm,
 * and without one the stream's baseline is recorded.
 */
import type { Clock } from '../../domain/clock.ts';
import type { Frame } from '../../domain/frame.ts';
import type { Happenings } from '../../domain/happenings.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import type { Bundle } from '../../model/bundle.ts';
import type { Geometry } from '../../model/geometry.ts';
import type { Tiles } from '../../model/tiles.ts';
import type { StreamAdapters } from './stream-adapters.ts';
import { closedFormAdapter, type PlannedAdapter, type StreamPlan } from '../stream/stream-plan.ts';

interface Looking {
  /** Reads the pixels before it resolves. */
  look(pixels: Uint8Array): Promise<void>;
}

export interface Comparison extends Looking {
  /** For or against the candidate, after at least one look. */
  verdict(): { readonly adopted: boolean; readonly reason: string; readonly agreement: number };
}

export interface BaselineRecording extends Looking {
  /** What is wrong with the frames, unless it was saved. */
  save(): Promise<string | undefined>;
}

interface Subject {
  readonly stream: string;
  readonly bundle: Bundle;
  readonly geometry: Geometry;
  readonly tiles: Tiles | undefined;
}

/** Runs front ends on frames of a stream. */
export interface Trials {
  compare(subject: Subject, previous: AdapterWeights, candidate: AdapterWeights): Promise<Comparison>;
  /** Undefined: there is one. */
  baseline(subject: Subject, running: AdapterWeights): Promise<BaselineRecording | undefined>;
}

/** A stream, and the adapter that it runs with. */
export interface Watched {
  readonly adapter: PlannedAdapter | undefined;
  useAdapter(adapter: PlannedAdapter, result: 'applied' | 'rolled_back'): void;
}

export interface WatchOptions {
  readonly trials: Trials;
  readonly adapters: StreamAdapters;
  readonly happenings: Happenings;
  readonly clock: Pick<Clock, 'now'>;
  /** The streams meet their latency goal: there is time for a look. */
  readonly calm: () => boolean;
  /** Between two looks at a stream. */
  readonly sampleSeconds: number;
  /** Frames that a verdict is made of. */
  readonly frames: number;
}

/** A baseline is of so many seconds of the stream, but of no more frames than this. */
const baselineOf = { seconds: 3600, frames: 360 };

/** What is looked for in one stream, with one adapter at one geometry, until there are frames enough. */
interface Task {
  readonly plan: StreamPlan;
  readonly running: PlannedAdapter;
  readonly looking: Looking | undefined;
  readonly frames: number;
  /** Acts on what was seen. */
  readonly end: (stream: Watched) => Promise<void>;
}

export class AdapterWatch implements AsyncDisposable {
  readonly #options: WatchOptions;
  readonly #tasks = new Map<string, Task & { looks: number; last: number }>();
  #looking: Promise<void> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** A frame that is about to be classified. What is wanted of it is copied before this returns. */
  frame({ stream: name, pixels }: Frame, plan: StreamPlan, stream: Watched): void {
    const { clock, calm, sampleSeconds, happenings } = this.#options;
    if (plan.config.adapt === 'never' || this.#looking || stream.adapter === undefined) return;
    const last = this.#tasks.get(name)?.last ?? -Infinity;
    if (clock.now() - last < 1000 * sampleSeconds || !calm()) return;
    this.#looking = this.#look(name, plan, stream, stream.adapter, pixels.slice())
      .catch((error: unknown) => happenings.tell({ type: 'fault', stream: name, error }))
      .finally(() => (this.#looking = undefined));
  }

  /** The next frame decides anew what to look for: a fit has ended. */
  forget(name: string): void {
    this.#tasks.delete(name);
  }

  /** Resolves when the look that is under way is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#looking;
  }

  async #look(name: string, plan: StreamPlan, stream: Watched, running: PlannedAdapter, pixels: Uint8Array) {
    const last = this.#options.clock.now();
    let task = this.#tasks.get(name);
    if (task?.plan !== plan || task.running.id !== running.id) {
      // Set first, so that what fails is not tried again with every frame.
      this.#tasks.set(name, { ...this.#nothing(plan, running), looks: 0, last });
      this.#tasks.set(name, (task = { ...(await this.#begin(plan, running)), looks: 0, last }));
    }
    task.last = last;
    await task.looking?.look(pixels);
    if (++task.looks < task.frames) return;
    this.#tasks.delete(name);
    if (stream.adapter?.id === running.id) await task.end(stream);
  }

  async #begin(plan: StreamPlan, running: PlannedAdapter): Promise<Task> {
    const { trials, adapters, frames } = this.#options;
    const { name: stream, bundle, choice, tiles } = plan;
    const subject = { stream, bundle, geometry: choice.geometry, tiles };
    const common = { plan, running, frames };
    const offered = await adapters.offered(plan);
    if (offered && offered.id !== running.id) {
      const looking = await trials.compare(subject, running.weights, offered.weights);
      return { ...common, looking, end: (stream) => this.#endShadow(plan, offered, looking, stream) };
    }
    const reference = closedFormAdapter(subject.bundle, subject.geometry);
    if (running.id !== reference.id && running.id !== 'file') {
      const looking = await trials.compare(subject, reference.weights, running.weights);
      return { ...common, looking, end: (stream) => this.#endWindow(plan, looking, stream) };
    }
    const recording = await trials.baseline(subject, running.weights);
    if (!recording) return this.#nothing(plan, running);
    const enough = Math.min(baselineOf.frames, Math.ceil(baselineOf.seconds / this.#options.sampleSeconds));
    return { ...common, frames: enough, looking: recording, end: () => this.#endBaseline(plan, recording) };
  }

  /** Looks for what is new after as many frames as a verdict takes. */
  #nothing(plan: StreamPlan, running: PlannedAdapter): Task {
    return { plan, running, frames: this.#options.frames, looking: undefined, end: () => Promise.resolve() };
  }

  async #endShadow(plan: StreamPlan, offered: PlannedAdapter, looking: Comparison, stream: Watched) {
    const { adapters, happenings } = this.#options;
    const { adopted, reason } = looking.verdict();
    if (adopted) {
      await adapters.take(plan, offered.id, `in shadow over ${this.#options.frames} frames: ${reason}`);
      stream.useAdapter(offered, 'applied');
      return;
    }
    await adapters.reject(plan, offered.id, `in shadow over ${this.#options.frames} frames: ${reason}`);
    happenings.tell({ type: 'adapter_swapped', stream: plan.name, result: 'rejected' });
    this.#trouble(plan.name, `the adapter ${offered.id} is not taken: ${reason}`);
  }

  async #endWindow(plan: StreamPlan, looking: Comparison, stream: Watched) {
    const { adapters, happenings } = this.#options;
    const { adopted, reason, agreement } = looking.verdict();
    happenings.tell({ type: 'adapter_agreement', stream: plan.name, ratio: agreement });
    if (adopted) return;
    const bad = stream.adapter?.id ?? '';
    const good = await adapters.withdraw(plan, `over ${this.#options.frames} frames beside the closed form: ${reason}`);
    stream.useAdapter(good, 'rolled_back');
    this.#trouble(plan.name, `the adapter ${bad} is rolled back to ${good.id}: ${reason}`);
  }

  async #endBaseline({ name }: StreamPlan, recording: BaselineRecording) {
    const problem = await recording.save();
    if (problem !== undefined) this.#trouble(name, `no baseline was recorded: ${problem}`);
  }

  #trouble(stream: string, sentence: string): void {
    this.#options.happenings.tell({ type: 'trouble', stream, sentence });
  }
}
