/** What a request left open, decided now that the frames and the stream's baseline are known. */
import { UserError } from '../../domain/errors.ts';
import { redact } from '../../domain/redact.ts';
import { readBaseline, baselinePath } from '../baseline/baseline.ts';
import type { FitRequest } from '../fit/fit-record.ts';
import { splitFrames } from '../fit/split.ts';
import { readFittingDefault } from '../fitting-defaults.ts';
import type { FeatureStatistics } from '../statistics/feature-statistics.ts';
import type { CameraFitContext, Setting } from './setting.ts';

export interface Decision {
  readonly request: FitRequest;
  /** What the front end's are to match. */
  readonly statistics: FeatureStatistics;
  /** Class rates of the stream's good time, where a baseline has them. */
  readonly expectedRates: readonly number[] | undefined;
}

/** Throws a `UserError` where the request asks for what frames, baseline or bundle do not give. */
export async function decide(
  asked: FitRequest,
  { bundle, geometry, frames, photographs, target }: Setting,
  { stateDirectory, replayed }: CameraFitContext,
): Promise<Decision> {
  const baselineFor = (stream: string | null) =>
    readBaseline(baselinePath(stateDirectory, stream, { bundleDigest: target.bundleDigest, geometry }));
  const baseline =
    asked.target === 'card' ? undefined : ((await baselineFor(asked.stream)) ?? (await baselineFor(null)));
  if (asked.target === 'baseline' && baseline === undefined) {
    throw new UserError('there is no baseline of this stream; record one in its good time with --record-baseline');
  }
  const labelled = frames.labels !== undefined && asked.target === 'labels';
  if (asked.stages.includes('labels') && !labelled) {
    throw new UserError(
      'the frames must be labelled for --objective labels: give a folder with a sub-folder per class',
    );
  }
  const statistics = baseline?.statistics ?? bundle.card.statistics;
  const pictured = photographs !== undefined || statistics.pixels !== undefined;
  if (asked.stages.includes('restore') && !pictured) {
    throw new UserError(
      'restore must be given undamaged pictures, since the bundle does not say what colours it was trained on; ' +
        'name a folder of them with --photographs',
    );
  }
  const { epochs, batch } = asked;
  const fitted = splitFrames(frames.length).fit.length;
  const tuned = labelled && asked.learning_rate === null && replayed === undefined;
  return {
    request: {
      ...asked,
      // A record, an adapter and a report are shown and passed on: no password of a camera may be in them.
      sources: asked.sources.map(redact),
      stages: asked.stages.length > 0 ? asked.stages : usualStages(asked.init, pictured, labelled),
      target: labelled ? 'labels' : baseline ? 'baseline' : 'card',
      tuned_learning_rate: tuned ? await tunedLearningRate(stateDirectory, target) : asked.tuned_learning_rate,
      steps: epochs === null ? asked.steps : Math.max(1, Math.ceil((epochs * fitted) / batch)),
    },
    statistics,
    expectedRates: baseline?.class_rates,
  };
}

function usualStages(init: string, pictured: boolean, labelled: boolean): FitRequest['stages'] {
  if (init === 'random') return [labelled ? 'labels' : 'match'];
  const stages: FitRequest['stages'] = ['align'];
  if (pictured) stages.push('restore');
  if (labelled) stages.push('labels');
  return stages;
}

/** As `edge-cls tune` found it: for labels, and the same in both convolutions. */
async function tunedLearningRate(
  stateDirectory: string,
  { bundleDigest, geometryKey: variant }: Setting['target'],
): Promise<FitRequest['tuned_learning_rate']> {
  const rate = (await readFittingDefault(stateDirectory, { target: 'adapter', bundleDigest, variant }))?.learning_rate;
  return rate === undefined ? null : { conv1: rate, conv2: rate };
}
