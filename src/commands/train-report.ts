/** What `train --report` and `--plot` write. */
import { answered, examplePhotographs } from '../learning/head/example-photographs.ts';
import { epochCharts, headReport, type MeasuredSet } from '../learning/head/head-report.ts';
import type { HeadMaterial, LabelledExamples, TrainedHead } from '../learning/head/train-head.ts';
import type { TuningResult } from '../learning/head/fine-tuning.ts';
import type { Bundle } from '../model/bundle.ts';
import type { FactsBlock } from '../output/report/data.ts';
import { writePlot } from '../output/report/plot.ts';
import { writeReport } from '../output/report/report.ts';

export interface TrainReportParts {
  readonly material: HeadMaterial;
  readonly trained: TrainedHead;
  readonly tuning: TuningResult | undefined;
  readonly bundle: Bundle;
  /** Further photographs and the answers to them, where there are any. */
  readonly test: { readonly set: LabelledExamples; readonly logits: readonly ArrayLike<number>[] } | undefined;
  readonly facts: FactsBlock['facts'];
}

/** Writes each where a path is given. Throws what the file system throws, and as `writePlot` does. */
export async function writeTrainReport(
  { report, plot }: { readonly report?: string; readonly plot?: string },
  parts: TrainReportParts,
): Promise<void> {
  if (plot !== undefined) await writePlot(plot, epochCharts(parts.trained.epochs));
  if (report !== undefined) await writeReport(report, await reportOf(parts));
}

async function reportOf({ material, trained, tuning, bundle, test, facts }: TrainReportParts) {
  const { labels, options, validation, validationPhotographs } = material;
  const { validationLogits, temperature } = tuning?.taken ?? trained;
  const sets: MeasuredSet[] = [
    { name: 'validation', logits: validationLogits, classes: validation.labels },
    ...(test === undefined ? [] : [{ name: 'test', logits: test.logits, classes: test.set.examples.labels }]),
  ];
  const [photographs, logits] =
    test === undefined ? [validationPhotographs, validationLogits] : [test.set.photographs, test.logits];
  return headReport({
    title: bundle.card.title,
    labels,
    sets,
    facts,
    trained: { ...trained, temperature },
    tuning: tuning && { text: tuning.text, epochs: tuning.fineTuned?.epochs ?? [] },
    examples: await examplePhotographs(
      answered(photographs, logits, temperature),
      labels,
      options.bundle.card,
      options,
    ),
  });
}
