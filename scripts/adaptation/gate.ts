/** What must be refused, and what the gate says to it. */
import { parseCorruption } from '../../src/learning/corruption/corruptions.ts';
import { allOf, type FrameSet } from '../../src/learning/data/frame-set.ts';
import { usualSettings } from '../../src/learning/fit/usual-settings.ts';
import type { AdapterWeights } from '../../src/model/adapter.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { fitRow, type FitOptions, type FitRow } from './fit-row.ts';
import { coveredLens, part, shuffledLabels } from './frame-views.ts';
import { withoutLabels, type Workshop } from './workshop.ts';

const resolution = '300x300';
const lowLight = parseCorruption('low_light:5');

type Trap = (workshop: Workshop, name: string) => Promise<FitRow>;

export const traps: Readonly<Record<string, Trap>> = {
  'shuffled labels': (workshop, name) =>
    trapped(workshop, name, { labelled: true }, (frames) => ({
      frames: part(frames, allOf(frames), shuffledLabels(frames, 1)),
      stages: ['labels'],
    })),
  'one class only': (workshop, name) => trapped(workshop, name, { material: 'train/cats' }, (frames) => ({ frames })),
  'a black video': (workshop, name) =>
    trapped(workshop, name, {}, (frames) => ({ frames: coveredLens(frames, () => true) })),
  'the lens covered half of the time': (workshop, name) =>
    trapped(workshop, name, {}, (frames) => ({ frames: coveredLens(frames, (index) => index % 2 === 0) })),
  '20 frames': (workshop, name) => trapped(workshop, name, { limit: 20 }, (frames) => ({ frames })),
  'a learning rate of 1': (workshop, name) =>
    trapped(workshop, name, { labelled: true }, (frames, start) => ({
      frames,
      // From the closed form alone: other candidates would not be of this learning rate.
      init: start,
      stages: ['labels'],
      settings: { ...usualSettings, seed: 1, learningRate: { conv1: 1, conv2: 1 } },
    })),
};

export function trapRow(workshop: Workshop, trap: string): Promise<FitRow | undefined> {
  const name = `gate/${trap.replaceAll(' ', '-')}`;
  const make = traps[trap];
  if (make === undefined) throw new Error(`there is no trap ${trap}`);
  return workshop.row<FitRow>(name, () => make(workshop, name));
}

async function trapped(
  workshop: Workshop,
  name: string,
  {
    material = 'train',
    labelled = false,
    limit = workshop.sizes.unlabelled,
  }: { material?: string; labelled?: boolean; limit?: number },
  lay: (
    frames: FrameSet,
    start: AdapterWeights,
  ) => Pick<FitOptions, 'frames'> & Partial<Pick<FitOptions, 'stages' | 'settings' | 'init'>>,
): Promise<FitRow> {
  const camera = await workshop.camera(material, resolution);
  await using frames = await workshop.frames(labelled ? camera : withoutLabels(camera), {
    limit,
    seed: 1,
    corruption: lowLight,
  });
  const { geometry } = camera.choice;
  const start = closedForm(geometry, workshop.bundle.card.resize.kernel).weights;
  return await fitRow(workshop, { name, geometry, seed: 1, stages: ['align', 'restore'], ...lay(frames, start) });
}
