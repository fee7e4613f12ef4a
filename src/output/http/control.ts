import type { Size } from '../../domain/frame.ts';

/** One answer to "is it well?": an empty list of reasons means yes. */
export interface Health {
  readonly ok: boolean;
  /** A sentence for each thing that is not well. */
  readonly reasons: readonly string[];
}

/** What the interface shows of one stream. Absent fields are not known yet. */
export interface StreamStatus {
  readonly name: string;
  /** `connecting`, `live`, `stalled`, `backing_off`, `disabled` or `failed`. */
  readonly state: string;
  /** Why it is in this state, a sentence. */
  readonly reason?: string;
  readonly paused: boolean;
  /** Where the frames come from; shown without passwords. */
  readonly source: string;
  readonly native?: Size;
  /** Frames that are classified in a second, on average over the last five. */
  readonly framesPerSecond: number;
  readonly framesReceived: number;
  readonly framesClassified: number;
  readonly framesDropped: Readonly<Record<string, number>>;
  /** 99th percentile of the frames' age at their decision, seconds. */
  readonly ageP99Seconds?: number;
  readonly adapter?: { readonly digest: string; readonly resolution: string };
  /** Share of sampled frames on which adapter and reference path agree, 0 to 1. */
  readonly agreement?: number;
  readonly lastFrameAt?: string;
  readonly lastPrediction?: { readonly label: string; readonly probability: number; readonly at: string };
}

/** What a reload did. */
export interface ReloadReport {
  /** Names of streams. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Keys of the configuration whose new values hold now. */
  readonly taken: readonly string[];
  /** Keys whose new values wait for a restart. */
  readonly needsRestart: readonly string[];
}

/**
 * What the HTTP interface needs of the daemon. Every method settles soon: an answer that
 * waits for a camera would hold a connection. A `UserError` becomes the caller's answer;
 * anything else is a fault of the program and is answered without its text.
 */
export interface DaemonControl {
  /** Alive: the event loop turns and the device does a real operation. */
  health(): Promise<Health>;
  /** Ready: the model is loaded and its golden test passed on the device in use. */
  readiness(): Promise<Health>;
  streams(): Promise<readonly StreamStatus[]>;
  pause(stream: string): Promise<void>;
  resume(stream: string): Promise<void>;
  restart(stream: string): Promise<void>;
  /** Throws a UserError when the stream has no such adapter, or it was not gated. */
  activateAdapter(stream: string, digest: string): Promise<void>;
  /** Throws a UserError when there is no adapter before this one. */
  rollBackAdapter(stream: string): Promise<void>;
  /** Reads the configuration again. A bad one throws, and the running one stays in place. */
  reload(): Promise<ReloadReport>;
}
