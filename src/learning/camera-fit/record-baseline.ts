/** How a stream looks in its good time, as the front end that is in use shows it. */
import { adapterDigest } from '../../model/card.ts';
import { readFile } from 'node:fs/promises';
import { systemClock } from '../../domain/clock.ts';
import { decodeModel } from '../../onnx/wire.ts';
import { baselineOf, baselinePath, writeBaseline, type Baseline } from '../baseline/baseline.ts';
import { allOf } from '../data/frame-set.ts';
import type { FitRequest } from '../fit/fit-record.ts';
import { evidenceOf } from '../gate/evidence.ts';
import { Observer } from '../statistics/observe.ts';
import { openSetting, type CameraFitContext } from './setting.ts';

/** Statistics and class rates of the frames, and the file that they were written to. */
export async function recordBaseline(
  request: FitRequest,
  context: CameraFitContext,
): Promise<{ readonly path: string; readonly baseline: Baseline }> {
  await using setting = await openSetting(request, context);
  const { engine, bundle, geometry, frames, previous } = setting;
  const { card } = bundle;
  const classifier = decodeModel(await readFile(bundle.modelPath));
  await using observer = await Observer.load(engine, { classifier, card, geometry, batch: 16, logits: true });
  context.onProgress({ what: `looking at ${frames.length} frames` });
  const observation = await observer.observe(frames, allOf(frames), previous.weights, context.signal);
  const evidence = evidenceOf(observation, card.statistics, card.output);
  const target = { bundleDigest: adapterDigest(card), geometry };
  const baseline = baselineOf(target, observation.statistics, evidence, systemClock.date());
  const path = baselinePath(context.stateDirectory, request.stream, target);
  await writeBaseline(path, baseline);
  return { path, baseline };
}
