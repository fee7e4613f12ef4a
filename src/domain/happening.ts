/**
 * Everything that can happen in a run, as plain facts. Who wants to know subscribes (`happenings.ts`): metrics, log,
 * board, live view, statistics, sinks. The closed sets are values of metrics' labels; whatever is open (addresses,
 * process ids) is in none of them.
 */
import type { StateEvent } from './event.ts';
import type { DropReason, Seen, Size, UnreadablePicture } from './frame.ts';
import type { PictureResult, ScoredPrediction } from './prediction.ts';

export const streamStates = ['connecting', 'live', 'stalled', 'backing_off', 'disabled', 'failed'] as const;
export type StreamState = (typeof streamStates)[number];

export const connectFailureReasons = [
  'dns',
  'refused',
  'timeout',
  'auth',
  'tls',
  'not_found',
  'codec',
  'busy',
  'eof',
  'other',
] as const;
export type ConnectFailureReason = (typeof connectFailureReasons)[number];

export const decoderRestartReasons = ['exited', 'stalled', 'resolution_change', 'requested'] as const;
export type DecoderRestartReason = (typeof decoderRestartReasons)[number];

export const stages = ['frontend', 'backbone'] as const;
export type Stage = (typeof stages)[number];

export const adapterSwapResults = ['applied', 'rejected', 'rolled_back'] as const;
export type AdapterSwapResult = (typeof adapterSwapResults)[number];

export const reloadResults = ['applied', 'unchanged', 'rejected'] as const;
export type ReloadResult = (typeof reloadResults)[number];

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof logLevels)[number];

/** What a stream will be, once its source was looked at. */
export interface PlanFacts {
  readonly codec: string;
  /** Every frame, or the newest at the source's own pace. */
  readonly pace: 'whole' | 'live';
  /** What a player would show, pixels. */
  readonly display: Size;
  /** What is looked at of it, in words. */
  readonly looksAt: string;
  /** Where the part of it begins, where only a part is wanted. */
  readonly startSeconds?: number;
  /** How long it, or the part, is, where it has an end that is known. */
  readonly durationSeconds?: number;
  /** How many pictures it is. */
  readonly pictures?: number;
  /** What the decoder delivers, pixels. */
  readonly grid: Size;
  readonly strides: { readonly x: readonly number[]; readonly y: readonly number[] };
  /** Its id in the store, `file` or `closed_form`. */
  readonly adapter: string;
  /** Name of the bundle. */
  readonly bundle: string;
}

/** Of one stream. */
type StreamHappening = { readonly stream: string } & (
  | { readonly type: 'stream_added' }
  /** It was taken out of the configuration, and has ended. */
  | { readonly type: 'stream_removed' }
  | {
      readonly type: 'stream_state';
      readonly state: StreamState;
      /** Why it is in this state, a sentence. */
      readonly reason?: string;
    }
  /** Of a run: nothing more comes of it, whether it failed or not. */
  | { readonly type: 'stream_ended' }
  | { readonly type: 'connecting' }
  | { readonly type: 'connect_failed'; readonly reason: ConnectFailureReason }
  /** A decoder that had delivered frames is started anew. */
  | { readonly type: 'decoder_restarted'; readonly reason: DecoderRestartReason }
  /** At the first frame: what really decodes; `none` is the processor. */
  | { readonly type: 'decoder_chosen'; readonly hardware: string; readonly reason: string }
  | { readonly type: 'planned'; readonly plan: PlanFacts }
  | { readonly type: 'resolution_changed'; readonly native: Size }
  /** The source gave frames, or lost them before anyone had them: told by the ledger. */
  | { readonly type: 'frame_received'; readonly count: number }
  /** They go no further: told by the ledger. */
  | { readonly type: 'frame_dropped'; readonly reason: DropReason; readonly count: number }
  /** The decoder handed a frame over as pixels. */
  | { readonly type: 'frame_decoded'; readonly native: Size }
  | {
      readonly type: 'prediction';
      readonly prediction: ScoredPrediction;
      /** The bundle's, to which the probabilities belong. */
      readonly labels: readonly string[];
    }
  | { readonly type: 'event'; readonly event: StateEvent }
  /** What a picture is; pictures make no events, since nothing comes or goes between two of them. */
  | {
      readonly type: 'picture';
      /** Its place among the pictures of its source, from 0; they may come in another order. */
      readonly position: number;
      readonly picture: PictureResult;
    }
  /** Used from the next frame on; `native` is what the source delivers. */
  | { readonly type: 'adapter_active'; readonly id: string; readonly native: Size }
  /** Another took its place while the stream went on, or was refused. */
  | { readonly type: 'adapter_swapped'; readonly result: AdapterSwapResult }
  /** Share of sampled frames on which a fitted adapter and the closed form agree, 0 to 1. */
  | { readonly type: 'adapter_agreement'; readonly ratio: number }
  /** At the end of a source of pictures, where there are any. */
  | { readonly type: 'pictures_unreadable'; readonly pictures: readonly UnreadablePicture[] }
  /** At the end of a source whose duration is known: how much of it came. */
  | ({ readonly type: 'source_seen' } & Seen)
  | { readonly type: 'fit_started' }
  | {
      readonly type: 'fit_ended';
      readonly seconds: number;
      /** `stopped`: it was ended from here, which is no fault. A fit that the gate refuses has not failed. */
      readonly outcome: 'done' | 'failed' | 'stopped';
      /** Why it failed, a sentence. */
      readonly reason?: string;
    }
);

/** Of the program, or of all streams together. */
type ProgramHappening =
  /** One frame's time in the front end, or one batch's in the backbone. */
  | { readonly type: 'stage_run'; readonly stage: Stage; readonly seconds: number }
  /** One call of the classifier over so many frames. */
  | { readonly type: 'batch_run'; readonly frames: number }
  | {
      readonly type: 'device_chosen';
      /** A kind, such as `cpu` or `cuda`. */
      readonly device: string;
      readonly name: string;
      readonly reason: string;
      /** The kind that the configuration asks for, where any would not do. */
      readonly required?: string;
    }
  | {
      readonly type: 'config_reloaded';
      readonly result: ReloadResult;
      /** Why it was rejected. */
      readonly error?: unknown;
      /** Keys that have changed, but are taken at the next start only. */
      readonly needsRestart?: readonly string[];
    }
  | { readonly type: 'logged'; readonly level: LogLevel }
  /** Something to know that ends nothing, a sentence. */
  | { readonly type: 'trouble'; readonly stream?: string; readonly sentence: string }
  /** A fault of the program. */
  | { readonly type: 'fault'; readonly stream?: string; readonly error: unknown };

export type Happening = StreamHappening | ProgramHappening;
