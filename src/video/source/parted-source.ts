/** Sources of which only a part is wanted. */
import { UsageError } from '../../domain/errors.ts';
import type { Part } from '../../domain/part.ts';
import type { SourceInfo } from './source-info.ts';
import { describeSource, isPictures, type SourceSpec } from './source-spec.ts';

/** Throws a UsageError for pictures, which have no times. */
export function partedSource(spec: SourceSpec, part: Part | undefined): SourceSpec {
  if (part === undefined) return spec;
  if (isPictures(spec)) {
    const what = spec.kind === 'folder' ? 'is a folder of pictures' : 'is a picture';
    throw new UsageError(
      `--start and --duration must be of a video, but ${describeSource(spec)} ${what}: leave them out, or name a video`,
    );
  }
  return { ...spec, part };
}

/** Throws a UsageError for a start in what has no beginning to count from. */
export function refuseLiveStart(spec: SourceSpec): void {
  if (!spec.live || startOf(spec) === 0) return;
  throw new UsageError(
    `--start must be of a video with an end, but ${describeSource(spec)} is live: leave it out; --duration alone ends it after that time`,
  );
}

/** Throws a UsageError where the part begins when the source is over. */
export function refuseLateStart(spec: SourceSpec, { durationSeconds, durationIsEstimate }: SourceInfo): void {
  const start = startOf(spec);
  if (start === 0 || durationSeconds === undefined || durationIsEstimate === true || start < durationSeconds) return;
  throw new UsageError(
    `--start must be before the end of ${describeSource(spec)}, which lasts ${durationSeconds.toFixed(2)} s, but was ${start} s: choose an earlier place`,
  );
}

/** Where its part begins, seconds; 0 of what is wanted whole. */
export function startOf(spec: SourceSpec): number {
  return partOf(spec)?.startSeconds ?? 0;
}

export function partOf(spec: SourceSpec): Part | undefined {
  return 'part' in spec ? spec.part : undefined;
}
