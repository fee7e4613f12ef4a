import type { Registry } from 'prom-client';
import type { Handlers } from '../../domain/happenings.ts';

/** The series of one stream within a group: made at 0 when it comes, removed when it goes. */
export interface StreamSeries {
  add(stream: string): void;
  remove(stream: string): void;
}

/** Metrics that belong together, and what moves them; cheap enough for every frame. */
export interface MetricGroup {
  readonly handlers: Handlers;
  readonly series?: StreamSeries;
}

/** What a group of metrics needs to be made. */
export interface GroupContext {
  readonly registry: Registry;
  /**
   * Whether the stream has series. What happens to others is ignored, so that frames still in
   * flight when a stream is removed do not bring its series back.
   */
  readonly known: (stream: string) => boolean;
}
