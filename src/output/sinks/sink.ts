/** Where events go, and predictions where they are wanted; docs/events.md. */
import type { Happening } from '../../domain/happening.ts';

export type SinkRecord = Extract<Happening, { readonly type: 'event' | 'prediction' }>;

/** Why a record could not be written: no room, or anything else that the system says. */
export const sinkFailures = ['full', 'io'] as const;
export type SinkFailure = (typeof sinkFailures)[number];

/** Of all records that a sink took and that do not wait any more, each is counted once. */
export interface SinkCounts {
  /** They are where they should be. */
  readonly delivered: number;
  /** Tried, and refused. */
  readonly failed: Readonly<Record<SinkFailure, number>>;
  /** Not tried: whoever reads was too slow, or has gone. */
  readonly lost: number;
}

/** Disposing it writes what waits, as far as a few seconds allow, then closes. */
export interface Sink extends AsyncDisposable {
  /** As configured: the label of its metrics. */
  readonly name: string;
  /** Never waits, never throws; a sink may pass over what it was not asked for. */
  take(record: SinkRecord): void;
  counts(): SinkCounts;
  /** Resolves when everything that was taken so far is counted. */
  flush(): Promise<void>;
  /** Opens anew what it writes to, which someone may have moved (SIGHUP). Never rejects: it tells its trouble. */
  reopen(): Promise<void>;
}
