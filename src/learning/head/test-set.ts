/** What a classifier is measured on: photographs that are used for nothing else. */
import { confusionMatrix, scores, type Scores } from './classification.ts';
import type { FineTuned } from './fine-tune.ts';
import { classifyFeatures } from './fit-head.ts';
import { furtherExamples, type HeadMaterial, type LabelledExamples, type TrainedHead } from './train-head.ts';

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
