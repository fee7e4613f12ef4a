/** Whether a source is read whole or live: files have an end, cameras have none, an address may have one. */
import { UsageError } from '../../domain/errors.ts';
import type { Pace } from '../../domain/pace.ts';
import type { SourceInfo } from './source-info.ts';
import { describeSource, type SourceSpec } from './source-spec.ts';

/**
 * What was looked at, with `live` as it is meant: an address is live unless it has an end. Throws a UsageError for a
 * device that is to be read whole.
 */
export function pacedSource(
  spec: SourceSpec,
  { durationSeconds }: Pick<SourceInfo, 'durationSeconds'>,
  pace: Pace,
): SourceSpec {
  if (pace === 'whole' && spec.kind === 'device') {
    throw new UsageError(
      `the pace of ${describeSource(spec)} must be auto or live, but is whole: a device drops what is not fetched in time`,
    );
  }
  if (spec.kind !== 'http' && spec.kind !== 'rtsp') return spec;
  const live = pace !== 'whole' && (spec.kind === 'rtsp' || durationSeconds === undefined);
  // The same object where nothing changes: `knock` knows by it who has answered.
  return live === spec.live ? spec : { ...spec, live };
}
