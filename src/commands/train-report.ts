/** What `train --report` and `--plot` write. */
import { answered, examplePhotographs } from '../learning/head/example-photographs.ts';
import { epochCharts, headReport, type MeasuredSet } from '../learning/head/head-report.ts';
import type { HeadMaterial, LabelledExamples, TrainedHead } from '../learning/head/train-head.ts';
import type { Bundle } from '../model/bundle.ts';
import type { FactsBlock } from '../output/report/data.ts';
import { writePlot } from '../output/report/plot.ts';
import { writeReport } from '../output/report/report.ts';

export interface TrainReportParts {
  readonly material: HeadMaterial;
  readonly trained: TrainedHead;
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

async function reportOf({ material, trained, bundle, test, facts }: TrainReportParts) {
  const { labels, options, validation, validationPhotographs } = material;
  const sets: MeasuredSet[] = [
    { name: 'validation', logits: trained.validationLogits, classes: validation.labels },
    ...(test === undefined ? [] : [{ name: 'test', logits: test.logits, classes: test.set.examples.labels }]),
  ];
  const [photographs, logits] =
    test === undefined ? [validationPhotographs, trained.validationLogits] : [test.set.photographs, test.logits];
  return headReport({
    ...{ title: bundle.card.title, labels, trained, sets, facts },
    examples: await examplePhotographs(
      answered(photographs, logits, trained.temperature),
      labels,
      options.bundle.card,
      options,
    ),
  });
}
