/** What `train --test` finds on photographs that are used for nothing else. */
import { confusionMatrix, scores, type Scores } from '../learning/head/classification.ts';
import type { FineTuned } from '../learning/head/fine-tune.ts';
import { classifyFeatures } from '../learning/head/fit-head.ts';
import {
  furtherExamples,
  type HeadMaterial,
  type LabelledExamples,
  type TrainedHead,
} from '../learning/head/train-head.ts';
import { percent } from '../output/percent.ts';

export interface TestSet {
  readonly set: LabelledExamples;
  readonly logits: readonly Float32Array[];
  readonly figures: { accuracy: number; loss: number; photographs: number; confusion: number[][] };
  /** Of the head alone, where fine-tuning followed. */
  readonly before: Scores | undefined;
}

/** Throws as `furtherExamples` does. */
export async function measuredOn(
  material: HeadMaterial,
  { best }: TrainedHead,
  taken: FineTuned | undefined,
  folder: string,
): Promise<TestSet> {
  const set = await furtherExamples(material, folder);
  const { examples } = set;
  const alone = await classifyFeatures(material.options.engine, material.shape, best.state.parameters, examples);
  const logits = taken === undefined ? alone : await taken.classify(set.photographs);
  const confusion = confusionMatrix(logits, examples.labels, material.labels.length);
  return {
    set,
    logits,
    figures: { ...scores(logits, examples.labels), photographs: examples.labels.length, confusion },
    before: taken && scores(alone, examples.labels),
  };
}

export function beforeText({ before }: TestSet): string {
  return before === undefined ? '' : `, ${percent(before.accuracy)} before fine-tuning`;
}
