/** One ffmpeg from its start to its end: bytes and log lines in, frames out. */
import type { Clock } from '../../domain/clock.ts';
import { Stopped } from '../../domain/stop.ts';
import { decodeArguments, type DecodeOptions } from './arguments.ts';
import type { BytePipe } from '../child/byte-pipe.ts';
import { DecodeLog } from './decode-log.ts';
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts';
import { type Arrival, FramePairing } from './frame-pairing.ts';
import { FrameSplitter } from './frame-splitter.ts';
import type { DecoderReport } from './hardware.ts';
import { type ProcessExit, startDecoder } from '../child/decoder-process.ts';
import type { FrameInfo } from './showinfo.ts';
import type { Slots } from './slots.ts';
import { StallWatch, type SilenceLimits } from './stall-watch.ts';

export interface DecodeRunOptions {
  readonly ffmpeg: Ffmpeg;
  readonly decode: Omit<DecodeOptions, 'ffmpegVersion'>;
  readonly slots: Slots;
  /** Wait for a free slot, or skip frames while there is none. */
  readonly lossless: boolean;
  readonly limits: SilenceLimits;
  readonly clock: Clock;
  /** Ends the run; aborted by it when the source stalls. */
  readonly abort: AbortController;
  /** Pixels, undefined when they were skipped, and what was said of them. The callee owns the pixels. */
  readonly onFrame: (arrival: Arrival, info: FrameInfo) => void;
  readonly onLoss: () => void;
  /** ffmpeg logged an error, or a loss, behind the frame of this time. */
  readonly onComplaint: (afterSeconds: number | undefined) => void;
  /** At the first frame: what really decodes. */
  readonly onDecoder: (report: DecoderReport) => void;
}

export interface DecodeRun extends ProcessExit {
  /** Bytes of a last frame that was cut off. */
  readonly partialBytes: number;
  /** Frames that were complete but had no description. */
  readonly unpaired: number;
}

/**
 * Resolves when the child is reaped and everything it sent has been handed on; never rejects for what it does. Rejects
 * with what `onFrame` and the like throw, when the child is reaped as well.
 */
export async function runDecoder(options: DecodeRunOptions): Promise<DecodeRun> {
  const { clock, slots, abort, decode, ffmpeg } = options;
  const stall = new StallWatch(clock, options.limits, () => abort.abort(new Stopped('timeout')));
  const pairing = new FramePairing((arrival, info) => {
    stall.alive();
    options.onFrame(arrival, info);
  });
  let first = true;
  const log = new DecodeLog({
    hardware: decode.hardware ?? 'none',
    onFrameInfo: (info) => {
      if (first) options.onDecoder(log.watch.report());
      first = false;
      pairing.info(info);
    },
    onLoss: options.onLoss,
    onComplaint: options.onComplaint,
  });
  const splitter = new FrameSplitter({
    frameBytes: 3 * decode.grid.width * decode.grid.height,
    target: () => slots.acquire() ?? (options.lossless ? 'wait' : 'skip'),
    onFrame: (pixels) => pairing.pixels({ pixels, capturedAt: clock.now() }),
  });
  try {
    const child = await startDecoder({
      path: ffmpeg.path,
      args: decodeArguments({ ...decode, ffmpegVersion: ffmpeg.version }),
      signal: abort.signal,
      onLine: log.line,
      input: decode.spec.kind === 'pipe' ? decode.spec.feed.all() : undefined,
    });
    try {
      await readFrames(child.stdout, splitter, options, stall);
    } catch (error) {
      abort.abort(new Stopped('failure', { cause: error }));
      await child.exited;
      throw error;
    }
    const exit = await child.exited;
    const { partialBytes } = splitter;
    return { ...exit, partialBytes, unpaired: giveBack() };
  } finally {
    stall.stop();
    giveBack();
  }

  function giveBack(): number {
    const partial = splitter.takePartial();
    if (partial) slots.release(partial);
    const unpaired = pairing.takeUnpaired();
    for (const { pixels } of unpaired) if (pixels) slots.release(pixels);
    return unpaired.length;
  }
}

/** Not reading is what makes ffmpeg wait: the pipe fills, and nothing is lost. */
async function readFrames(
  stdout: Pick<BytePipe, 'read'>,
  splitter: FrameSplitter,
  { slots, abort: { signal } }: DecodeRunOptions,
  stall: StallWatch,
): Promise<void> {
  try {
    await stdout.read(push);
  } catch (error) {
    // Aborting destroys the pipe under the reader.
    if (!signal.aborted) throw error;
  }

  function push(bytes: Uint8Array): void | Promise<void> {
    if (signal.aborted) return;
    const rest = bytes.subarray(splitter.push(bytes));
    if (rest.length > 0) return stall.whilePaused(slots.whenFree(signal)).then(() => push(rest));
  }
}
