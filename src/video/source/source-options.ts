/** What a source is opened with, and how it ended. */
import type { Clock } from '../../domain/clock.ts';
import type { DropReason, Frame, Seen, Size, UnreadablePicture } from '../../domain/frame.ts';
import type { StopReason } from '../../domain/stop.ts';
import type { Ffmpeg } from '../ffmpeg/ffmpeg.ts';
import type { DecoderReport } from '../decode/hardware.ts';
import type { DecodeOptions } from '../decode/arguments.ts';

export interface SourceOptions extends Omit<DecodeOptions, 'ffmpegVersion' | 'images'> {
  /** Name of the stream. */
  readonly stream: string;
  /** Makes ffmpeg wait while no slot is free; else frames are dropped then. */
  readonly lossless: boolean;
  /** Frame buffers; at least 3 for a live source: one being filled, one waiting, one in use. */
  readonly slots: number;
  /** No frame for so long, while one could have been taken, is a failure. Seconds. */
  readonly stallSeconds: number;
  /** So many frames are decoded, but not delivered: another opening has delivered them. */
  readonly skipFrames?: number | undefined;
  readonly clock: Clock;
  readonly ffmpeg: Ffmpeg;
  /** Once for every frame or picture that is lost here. Its pixels are already given back. */
  readonly onDrop: (reason: DropReason, frame?: Omit<Frame, 'pixels'>) => void;
  /** Before the first frame of another native size, or shape of its pixels; not for pictures. */
  readonly onResolutionChange?: ((native: Size, sampleAspectRatio: number) => void) | undefined;
  /** At the first frame: what really decodes. */
  readonly onDecoder?: ((report: DecoderReport) => void) | undefined;
  /** Ends the source as a shutdown: it completes. */
  readonly signal?: AbortSignal | undefined;
}

/** How a subscription ended. */
export interface Exit {
  readonly reason: 'ended' | StopReason;
  /** ffmpeg's exit code, where it ended by itself. */
  readonly code: number | undefined;
  /** Frames handed to the subscriber. */
  readonly delivered: number;
  /** Frames dropped because no slot was free. */
  readonly dropped: number;
  /** Pictures that could not be decoded, or only in part. */
  readonly decodeErrors: number;
  /** Pictures that gave no frame. */
  readonly unreadable: readonly UnreadablePicture[];
  /** How much of a known duration came; undefined where it was ended from here. */
  readonly seen: Seen | undefined;
  /** ffmpeg's last complaints, without secrets. */
  readonly lastWords: string;
}
