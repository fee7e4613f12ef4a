/** Biased scenes, undamaged and damaged, with and without a baseline of their good time. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCorruption, type Corruption } from '../../src/learning/corruption/corruptions.ts';
import type { Camera } from '../../src/learning/data/camera.ts';
import { allOf, type FrameSet } from '../../src/learning/data/frame-set.ts';
import { evidenceOf } from '../../src/learning/gate/evidence.ts';
import { Observer } from '../../src/learning/statistics/observe.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { decodeModel } from '../../src/onnx/wire.ts';
import { adoptedWeights, fitRow, type FitRow } from './fit-row.ts';
import { only, tones, topQuarter, trembling } from './frame-views.ts';
import { judgeAll, type Right } from './judge-row.ts';
import { testSeed, withoutLabels, type Workshop } from './workshop.ts';

export const scenes = ['darkest quarter', 'greenest quarter', 'cats only', 'one picture'] as const;
export type Scene = (typeof scenes)[number];
export const damages: readonly (Corruption | undefined)[] = [
  undefined,
  ...['low_light:5', 'tint:5', 'haze:5'].map(parseCorruption),
];

const resolution = '300x300';
const oneClass = 'cat';

export interface SceneRow {
  readonly fit: FitRow;
  readonly before: Right | undefined;
  readonly after: Right | undefined;
}

export async function sceneRow(
  workshop: Workshop,
  scene: Scene,
  damage: Corruption | undefined,
  baseline: boolean,
): Promise<SceneRow | undefined> {
  const state = damage ? `${damage.name}-${damage.severity}` : 'undamaged';
  const name = `scenes/${scene.replaceAll(' ', '-')}/${state}/${baseline ? 'baseline' : 'card'}`;
  const fit = await workshop.row<FitRow>(name, async () => {
    const camera = await cameraOn(workshop, scene);
    const { geometry } = camera.choice;
    await using frames = await seen(workshop, camera, scene, damage);
    await using undamaged = baseline && damage ? await seen(workshop, camera, scene) : undefined;
    const good = baseline ? await goodTime(workshop, camera, undamaged ?? frames) : undefined;
    return await fitRow(workshop, {
      ...{ name, frames, geometry, stages: ['align', 'restore'], seed: 1 },
      ...(good && { ...good, targetKind: 'baseline' as const }),
    });
  });
  if (fit === undefined) return undefined;
  const weights = adoptedWeights(fit);
  const camera = await workshop.camera('test', resolution);
  const unchanged = closedForm(camera.choice.geometry, workshop.bundle.card.resize.kernel).weights;
  const tests = `scenes/test/${state}`;
  const key = `${scene.replaceAll(' ', '-')}-${baseline ? 'baseline' : 'card'}`;
  const rights = await judgeAll(workshop, tests, resolution, damage, [
    { key: 'closed-form', weights: unchanged },
    ...(weights ? [{ key, weights }] : []),
  ]);
  const before = rights.get('closed-form');
  return { fit, before, after: weights ? rights.get(key) : before };
}

/** Which of the test photographs are like the scene; undefined where none are in particular. */
export async function likePart(workshop: Workshop, scene: Scene): Promise<readonly number[] | undefined> {
  if (scene === 'one picture') return undefined;
  return workshop.row<readonly number[]>(`scenes/like/${scene.replaceAll(' ', '-')}`, async () => {
    const camera = await workshop.camera('test', resolution);
    await using frames = await workshop.frames(camera, { limit: workshop.sizes.test, seed: testSeed });
    if (scene === 'cats only') return catsOf(frames, workshop);
    return topQuarter(await tones(frames, toneWeights[scene]));
  });
}

async function cameraOn(workshop: Workshop, scene: Scene): Promise<Camera> {
  if (scene === 'cats only') return withoutLabels(await workshop.camera('train/cats', resolution));
  if (scene !== 'one picture') return withoutLabels(await workshop.camera('train', resolution));
  const [first = ''] = readdirSync(join(workshop.options.photographs, 'train/dogs')).sort();
  return workshop.camera(`train/dogs/${first}`, resolution);
}

/** As many as are fitted on, with the damage; where a quarter is chosen, of four times as many without it. */
async function seen(workshop: Workshop, camera: Camera, scene: Scene, corruption?: Corruption): Promise<FrameSet> {
  const { unlabelled } = workshop.sizes;
  const { width, height } = camera.native;
  const common = { seed: 1, corruption };
  if (scene === 'cats only') return workshop.frames(camera, { ...common, limit: unlabelled });
  if (scene === 'one picture') {
    return workshop.frames(camera, { ...common, limit: 1, change: trembling(unlabelled, 4, 1, width, height) });
  }
  const from = { seed: 1, limit: 4 * unlabelled };
  let chosen = quarters.get(scene);
  if (chosen === undefined) {
    await using all = await workshop.frames(camera, from);
    quarters.set(scene, (chosen = topQuarter(await tones(all, toneWeights[scene]))));
  }
  return workshop.frames(camera, { ...common, ...from, change: only(chosen) });
}

/** The camera is the same one for all of a scene's rows. */
const quarters = new Map<Scene, readonly number[]>();

/** Of red, green and blue, in the tone that a quarter is chosen by. */
const toneWeights = { 'darkest quarter': [-1, -1, -1], 'greenest quarter': [-0.5, 1, -0.5] } as const;

function catsOf({ labels }: FrameSet, { bundle }: Workshop): readonly number[] {
  const cat = bundle.card.output.labels.indexOf(oneClass);
  return Array.from(labels ?? []).flatMap((label, i) => (label === cat ? [i] : []));
}

/** What `adapt --record-baseline` keeps of a stream, as the target of a fit. */
async function goodTime({ engine, bundle }: Workshop, { choice: { geometry } }: Camera, frames: FrameSet) {
  const { card, modelPath } = bundle;
  const classifier = decodeModel(await readFile(modelPath));
  await using observer = await Observer.load(engine, { classifier, card, geometry, batch: 16, logits: true });
  const observation = await observer.observe(frames, allOf(frames), closedForm(geometry, card.resize.kernel).weights);
  const { classRates } = evidenceOf(observation, card.statistics, card.output);
  return { target: observation.statistics, expectedRates: classRates };
}
