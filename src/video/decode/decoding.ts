/** What one subscription to a source does: one ffmpeg, or for pictures one for each kind. */
import type { Frame, Seen, Size, UnreadablePicture } from '../../domain/frame.ts';
import { stopReason } from '../../domain/stop.ts';
import { type DecodeRun, runDecoder } from './decode.ts';
import type { Arrival } from './frame-pairing.ts';
import { type ImageRun, imageRuns, linkImages } from '../picture/image-sequences.ts';
import { notDecoded } from '../picture/unreadable.ts';
import type { ImageSequence } from './input-arguments.ts';
import { partLength, placeIn } from '../../domain/part.ts';
import { startFault } from '../child/child.ts';
import type { FrameInfo } from './showinfo.ts';
import type { Slots } from './slots.ts';
import { seenOf } from './seen.ts';
import { silenceLimits, type SilenceLimits } from './stall-watch.ts';
import { lastWords } from '../ffmpeg/messages.ts';
import { sourceError } from '../source/diagnosis.ts';
import { knock } from '../source/knock.ts';
import { refuseSecondReading } from '../source/pipe-fault.ts';
import type { PipeSpec } from '../source/pipe-source.ts';
import { partOf, startOf } from '../source/parted-source.ts';
import { SourceError } from '../source/source-error.ts';
import { describeSource, isPictures } from '../source/source-spec.ts';
import type { Exit, SourceOptions } from '../source/source-options.ts';

/** Encoders round the shape of a pixel: 12:11 and 59:54 are the same television. */
const sameShape = 0.01;

const knockTimeoutMs = 15_000;

/** So much older than what was read is the frame that comes out of a decoder, at most. */
const reorderSeconds = 1;

export class Decoding {
  readonly #options: SourceOptions;
  readonly #slots: Slots;
  readonly #abort: AbortController;
  readonly #emit: (frame: Frame) => void;
  readonly #limits: SilenceLimits;
  readonly #unreadable: UnreadablePicture[] = [];
  #sequence = 0;
  #delivered = 0;
  #dropped = 0;
  #decodeErrors = 0;
  #last: DecodeRun | undefined;
  #native: Size;
  /** Of the last frame, also of one outside the part that is wanted. */
  #lastSeconds: number | undefined;
  /** A frame of the part came. */
  #begun = false;
  /** Of the last frame before ffmpeg complained; minus infinity before the first. */
  #complaintSeconds: number | undefined;
  /** Of the last frame before the part. */
  #beforeSeconds = 0;
  #sampleAspectRatio: number;
  #decoderTold = false;
  #steadyIntervals = 0;
  #seen: Seen | undefined;

  constructor(options: SourceOptions, slots: Slots, abort: AbortController, emit: (frame: Frame) => void) {
    this.#options = options;
    this.#slots = slots;
    this.#abort = abort;
    this.#emit = emit;
    this.#native = options.info.native;
    this.#sampleAspectRatio = options.info.sampleAspectRatio;
    this.#limits = silenceLimits(options);
  }

  /** Resolves at the end of the source and when it is closed; rejects with a SourceError. */
  async run(): Promise<void> {
    const { spec } = this.#options;
    if (isPictures(spec)) await this.#runImages(spec.files);
    else if (spec.kind === 'pipe') await this.#runPipe(spec);
    else {
      await this.#knock();
      if (!this.#abort.signal.aborted) this.#judge(await this.#decode());
    }
  }

  async #runPipe(pipe: PipeSpec): Promise<void> {
    refuseSecondReading(pipe);
    try {
      this.#judge(await this.#decode());
    } finally {
      pipe.feed.close();
    }
  }

  exit(): Exit {
    const { signal } = this.#abort;
    return {
      reason: stopReason(signal) ?? 'ended',
      code: this.#last?.code,
      delivered: this.#delivered,
      dropped: this.#dropped,
      decodeErrors: this.#decodeErrors,
      unreadable: this.#unreadable,
      seen: this.#seen,
      lastWords: lastWords(this.#last?.lastLines ?? []),
    };
  }

  /** An abort is no failure. */
  async #knock(): Promise<void> {
    const { signal } = this.#abort;
    await knock(this.#options.spec, { signal, timeoutMs: Math.min(1000 * this.#limits.first, knockTimeoutMs) }).catch(
      (error: unknown) => {
        if (!signal.aborted) throw error;
      },
    );
  }

  async #runImages(files: readonly string[]): Promise<void> {
    const { runs, unreadable } = imageRuns(files);
    for (const picture of unreadable) this.#lost(picture);
    for (const run of runs) {
      if (this.#abort.signal.aborted) break;
      await using images = await linkImages(run);
      await this.#runImageRun(run, images);
    }
    if (this.#delivered === 0 && !this.#abort.signal.aborted) {
      throw sourceError(this.#options.spec, this.#last?.lastLines ?? []);
    }
  }

  async #runImageRun(run: ImageRun, images: ImageSequence): Promise<void> {
    const missing = new Set(run.files.keys());
    const exit = await this.#decode({ run, images, missing });
    if (this.#stopped(exit)) return;
    for (const index of missing) {
      const path = run.files[index] ?? '';
      this.#lost({ path, reason: notDecoded(path, run.codec) });
    }
  }

  async #decode(pictures?: Pictures): Promise<DecodeRun> {
    const { spec, info, crop, grid, framesPerSecond, scaler, realtime, hardware } = this.#options;
    const { ffmpeg, lossless, clock } = this.#options;
    const moving = pictures ? {} : { framesPerSecond, realtime, hardware };
    this.#last = await runDecoder({
      ffmpeg,
      lossless,
      clock,
      limits: this.#limits,
      slots: this.#slots,
      abort: this.#abort,
      decode: {
        spec,
        info: pictures ? { ...info, orientation: pictures.run.orientation, alpha: pictures.run.alpha } : info,
        crop,
        grid,
        scaler,
        ...moving,
        images: pictures?.images,
      },
      onFrame: (arrival, frameInfo) => this.#frame(arrival, frameInfo, pictures),
      onLoss: () => {
        // A picture that is lost is known by its number, at the end of its run.
        if (!pictures && !this.#skipping()) this.#lost();
      },
      onComplaint: (afterSeconds = -Infinity) => {
        this.#complaintSeconds = Math.max(this.#complaintSeconds ?? -Infinity, afterSeconds);
      },
      onDecoder: (report) => {
        if (this.#decoderTold) return;
        this.#decoderTold = true;
        this.#options.onDecoder?.(report);
      },
    });
    return this.#last;
  }

  #frame({ pixels, capturedAt }: Arrival, info: FrameInfo, pictures: Pictures | undefined): void {
    const index = pictures && Math.round(info.presentationSeconds ?? 0);
    const presentationSeconds = this.#seconds(
      index === undefined ? info.presentationSeconds : pictures?.run.positions[index],
    );
    const isInside = pictures !== undefined || this.#isInside(presentationSeconds);
    if (!isInside || this.#skipping()) {
      if (isInside) this.#sequence++;
      if (pixels !== undefined) this.#slots.release(pixels);
      return;
    }
    if (index !== undefined) pictures?.missing.delete(index);
    else this.#noticeSize(info);
    const source = index === undefined ? undefined : pictures?.run.files[index];
    const frame = {
      stream: this.#options.stream,
      sequence: this.#sequence++,
      grid: this.#options.grid,
      presentationSeconds,
      capturedAt,
      ...(pictures ? {} : this.#taken(presentationSeconds)),
      native: info.native,
      ...(source === undefined ? {} : { source }),
    };
    if (pixels === undefined) {
      this.#dropped++;
      this.#options.onDrop('backpressure', frame);
    } else if (this.#abort.signal.aborted) {
      this.#slots.release(pixels);
    } else {
      this.#delivered++;
      this.#emit({ ...frame, pixels });
    }
  }

  /** A recording is as old as it says, what is live comes now. */
  #taken(seconds: number): Pick<Frame, 'takenAt'> {
    const { spec, info, clock } = this.#options;
    if (spec.live) return { takenAt: clock.date().getTime() };
    return info.createdAt === undefined ? {} : { takenAt: Math.round(info.createdAt + 1000 * seconds) };
  }

  /** Of the part that is wanted. */
  #isInside(seconds: number): boolean {
    const part = partOf(this.#options.spec);
    const place = part === undefined ? 'inside' : placeIn(part, seconds);
    if (place === 'before') this.#beforeSeconds = seconds;
    if (place !== 'inside') return false;
    if (!this.#begun) this.#steadyIntervals = 0;
    this.#begun = true;
    return true;
  }

  /** What is decoded to come to a part may be broken; but a hole that begins before it may end in it. */
  #complained(): boolean {
    if (this.#complaintSeconds === undefined) return false;
    return startOf(this.#options.spec) === 0 || this.#complaintSeconds >= this.#beforeSeconds - reorderSeconds;
  }

  /** Frames that nobody wants: before the part, or delivered by another opening. */
  #skipping(): boolean {
    const isBefore = !this.#begun && startOf(this.#options.spec) > 0;
    return isBefore || this.#sequence < (this.#options.skipFrames ?? 0);
  }

  #noticeSize({ native, sampleAspectRatio }: FrameInfo): void {
    const isSame = native.width === this.#native.width && native.height === this.#native.height;
    const stretch = sampleAspectRatio / this.#sampleAspectRatio;
    if (isSame && Math.abs(stretch - 1) < sameShape) return;
    this.#native = native;
    this.#sampleAspectRatio = sampleAspectRatio;
    this.#options.onResolutionChange?.(native, sampleAspectRatio);
  }

  /** A stream without time stamps counts on at its rate. */
  #seconds(stamped: number | undefined): number {
    const last = this.#lastSeconds;
    const interval = (stamped ?? Number.NaN) - (last ?? Number.NaN);
    if (Math.abs(interval - this.#step()) < 0.1 * this.#step()) this.#steadyIntervals++;
    const seconds = stamped ?? (last === undefined ? 0 : last + this.#step());
    this.#lastSeconds = seconds;
    return seconds;
  }

  #step(): number {
    const { framesPerSecond, info } = this.#options;
    return 1 / (framesPerSecond ?? info.frameRate ?? 25);
  }

  #lost(picture?: UnreadablePicture): void {
    this.#decodeErrors++;
    if (picture !== undefined) this.#unreadable.push(picture);
    this.#options.onDrop('decode_error');
  }

  /** Frames there were and an end: that is the end of a file, however ffmpeg calls it. */
  #judge(exit: DecodeRun): void {
    if (this.#stopped(exit)) return;
    const { spec } = this.#options;
    const failed = exit.code !== 0 && ('url' in spec || spec.live || exit.code === undefined);
    if (this.#sequence === 0 && !failed) this.#refuseEmptyPart();
    if (this.#sequence === 0 || failed) throw this.#failure(exit);
    if (exit.partialBytes > 0) this.#lost();
    const { info, framesPerSecond } = this.#options;
    const durationSeconds = info.durationSeconds && partLength(partOf(spec), info.durationSeconds);
    this.#seen = seenOf(durationSeconds === undefined ? info : { ...info, durationSeconds }, {
      frames: this.#sequence,
      endSeconds: (this.#lastSeconds ?? 0) + this.#step() - startOf(spec),
      complained: this.#complained(),
      losses: this.#decodeErrors,
      steadyIntervals: this.#steadyIntervals,
      framesPerSecond,
    });
  }

  /** The container may last longer than its pictures, or be cut off. */
  #refuseEmptyPart(): void {
    const { spec } = this.#options;
    if (partOf(spec) === undefined) return;
    throw new SourceError(
      `the part from ${startOf(spec)} s on of ${describeSource(spec)} must have frames, but there are none: choose another --start or a longer --duration, or copy the file again if it is cut off`,
      'codec',
    );
  }

  /** Whether it was ended from here; throws where that is a failure. */
  #stopped(exit: DecodeRun): boolean {
    const name = describeSource(this.#options.spec);
    if (stopReason(this.#abort.signal) === 'timeout') {
      const seconds = this.#sequence === 0 ? this.#limits.first : this.#limits.then;
      throw new SourceError(`the source ${name} must deliver frames, but none came for ${seconds} s`, 'timeout');
    }
    if (this.#abort.signal.aborted) return true;
    if (exit.startError !== undefined) {
      throw new SourceError(startFault(this.#options.ffmpeg.path, exit.startError), 'other');
    }
    if (exit.unpaired > 0) {
      throw new SourceError(
        `ffmpeg ${this.#options.ffmpeg.path} did not say the size of ${exit.unpaired} frames of ${name}; use another version`,
        'other',
      );
    }
    if (exit.signal !== undefined) {
      throw new SourceError(`ffmpeg was ended by ${exit.signal} while it decoded ${name}`, 'other');
    }
    return false;
  }

  #failure(exit: DecodeRun): SourceError {
    const { spec, hardware = 'none' } = this.#options;
    if (hardware !== 'none' && hardware !== 'auto' && this.#sequence === 0) {
      return new SourceError(
        `hardware decoding with ${hardware} was asked for, but does not work for ${describeSource(spec)} (ffmpeg: ${lastWords(exit.lastLines)}); install its driver, or choose none or auto`,
        'hardware',
      );
    }
    return sourceError(spec, exit.lastLines);
  }
}

interface Pictures {
  readonly run: ImageRun;
  readonly images: ImageSequence;
  /** Indices in the run of those that have not come yet. */
  readonly missing: Set<number>;
}
