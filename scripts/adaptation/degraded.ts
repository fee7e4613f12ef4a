/** Degraded cameras: the closed form, and what `adapt` makes of it without labels and with. */
import { parseCorruption, type Corruption } from '../../src/learning/corruption/corruptions.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { adoptedWeights, fitRow, restored, type FitRow } from './fit-row.ts';
import { judgeAll, type Right } from './judge-row.ts';
import { withoutLabels, type Workshop } from './workshop.ts';

export const degradations: readonly (Corruption | undefined)[] = [
  undefined,
  ...[
    ...['gaussian_noise:3', 'gaussian_noise:5', 'low_light:3', 'low_light:5', 'gaussian_blur:3', 'gaussian_blur:5'],
    ...['tint:5', 'contrast:4', 'haze:5', 'h264_crf:4', 'h264_crf:5', 'jpeg:3', 'jpeg:5', 'over_exposure:3'],
    ...['vignetting:5', 'motion_blur:3', 'shot_noise:3', 'iso_noise:3', 'impulse_noise:3', 'defocus_blur:3'],
  ].map(parseCorruption),
];

export const ways = ['label-free', 'with photographs', 'labelled'] as const;
export type Way = (typeof ways)[number];

export interface DegradedRun {
  readonly way: Way;
  readonly seed: number;
  readonly fit: FitRow;
  /** With the front end that is in use after the gate: the adopted one, or the closed form. */
  readonly after: Right | undefined;
  /** With the best candidate by its own figures, where the gate refused all. */
  readonly refused: Right | undefined;
}

export interface DegradedRow {
  readonly before: Right | undefined;
  readonly runs: readonly DegradedRun[];
}

export function degradationName(corruption: Corruption | undefined): string {
  return corruption ? `${corruption.name}-${corruption.severity}` : 'none';
}

export async function degradedRow(
  workshop: Workshop,
  resolution: string,
  corruption: Corruption | undefined,
): Promise<DegradedRow> {
  const name = `degraded/${resolution}/${degradationName(corruption)}`;
  const fits: { way: Way; seed: number; key: string; fit: FitRow }[] = [];
  for (const seed of workshop.sizes.seeds) {
    for (const way of ways) {
      const key = `${way.replaceAll(' ', '-')}-${seed}`;
      const fit = await workshop.row<FitRow>(`${name}/${key}`, () =>
        fitOne(workshop, `${name}/${key}`, { resolution, corruption, way, seed }),
      );
      if (fit) fits.push({ way, seed, key, fit });
    }
  }
  const camera = await workshop.camera('test', resolution);
  const unchanged = closedForm(camera.choice.geometry, workshop.bundle.card.resize.kernel).weights;
  const rights = await judgeAll(workshop, `${name}/test`, resolution, corruption, [
    { key: 'closed-form', weights: unchanged },
    ...fits.flatMap(({ key, fit }) => {
      const weights = adoptedWeights(fit);
      const refused = fit.candidates.find(({ name: candidate }) => fit.reason.startsWith(`${candidate}: `));
      if (weights) return [{ key, weights }];
      return refused ? [{ key: `${key}-refused`, weights: restored(refused.weights) }] : [];
    }),
  ]);
  const before = rights.get('closed-form');
  return {
    before,
    runs: fits.map(({ way, seed, key, fit }) => ({
      ...{ way, seed, fit, refused: rights.get(`${key}-refused`) },
      after: fit.adopted === null ? before : rights.get(key),
    })),
  };
}

async function fitOne(
  workshop: Workshop,
  name: string,
  {
    resolution,
    corruption,
    way,
    seed,
  }: { resolution: string; corruption: Corruption | undefined; way: Way; seed: number },
): Promise<FitRow> {
  const labelled = way === 'labelled';
  const train = await workshop.camera('train', resolution);
  const camera = labelled ? train : withoutLabels(train);
  const limit = labelled ? workshop.sizes.labelled : workshop.sizes.unlabelled;
  await using frames = await workshop.frames(camera, { limit, seed, corruption });
  const { geometry } = camera.choice;
  const common = { name, frames, geometry, seed };
  if (labelled) return await fitRow(workshop, { ...common, stages: ['align', 'restore', 'labels'] });
  if (way === 'label-free') return await fitRow(workshop, { ...common, stages: ['align', 'restore'] });
  await using photographs = await workshop.frames(camera, { limit: workshop.sizes.undamaged, seed: 1000 + seed });
  return await fitRow(workshop, { ...common, photographs, stages: ['align', 'restore'] });
}
