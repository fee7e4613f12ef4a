/** The rows as tables. What is not measured is said to be so. */
import { bootstrapMean, mcnemar, wilson, type Share } from '../../src/learning/evaluation/intervals.ts';
import { degradationName, degradations, ways, type DegradedRow, type Way } from './degraded.ts';
import { documentRandom, resolutions, type CleanRow } from './clean.ts';
import { usualLengths, usualSettings } from '../../src/learning/fit/usual-settings.ts';
import { stepFrames } from '../../src/learning/fit/stages.ts';
import type { FitRow } from './fit-row.ts';
import { traps } from './gate.ts';
import type { Right } from './judge-row.ts';
import { paper, type PaperRow } from './paper.ts';
import { damages, scenes, type SceneRow } from './scenes.ts';
import type { CommandRow, RateRow } from './speed.ts';
import type { Sizes } from './workshop.ts';
import { percent } from '../../src/output/percent.ts';

export interface Rows {
  readonly sizes: Sizes;
  readonly machine: string;
  readonly clean: ReadonlyMap<string, CleanRow>;
  readonly paper: PaperRow | undefined;
  /** At `mainResolution`. */
  readonly degraded: ReadonlyMap<string, DegradedRow>;
  readonly scenes: ReadonlyMap<string, SceneRow>;
  readonly like: ReadonlyMap<string, readonly number[]>;
  readonly traps: ReadonlyMap<string, FitRow>;
  readonly rates: RateRow | undefined;
  readonly command: CommandRow | undefined;
}

export const sceneKey = (scene: string, damage: string, baseline: boolean) => `${scene} ${damage} ${String(baseline)}`;

/** The prototype's best of each; the mean of these is to be won back. */
const wonBackOver = ['gaussian_noise-5', 'low_light-5', 'tint-5', 'contrast-4', 'haze-5'];

const notYet = 'not measured';

const stepsText = `${usualSettings.steps} steps of alignment, each with the statistics of ${stepFrames('align', usualSettings.batch).looked} frames, ${usualLengths.restore * usualSettings.steps} of restoration and ${usualLengths.labels * usualSettings.steps} of labels, each with ${usualSettings.batch} frames`;

/** Of the degraded cameras of the main page; the others have pages of their own. */
export const mainResolution = '300x300';

function introduction({ sizes, machine }: Pick<Rows, 'sizes' | 'machine'>): string {
  return `\`npx tsx scripts/adaptation.ts\` measures it and writes this page; rows that are done are kept outside of the checkout, so
that the run can be cut into pieces. \`inception-v3-cats-dogs\` on ${machine}, judged on ${sizes.test} test photographs,
which nothing is fitted on; fitted on other photographs (${sizes.unlabelled} without labels, ${sizes.labelled} with), ${stepsText},
fewer where ${sizes.budgetSeconds} s do not suffice. Intervals are 95 %: Wilson's for accuracies, bootstrap over photographs for differences, which are
paired. All 528 values of the front end are fitted, and nothing else.`;
}

export function degradedPage({
  resolution,
  rows,
  ...of
}: Pick<Rows, 'sizes' | 'machine'> & {
  readonly resolution: string;
  readonly rows: ReadonlyMap<string, DegradedRow>;
}): string {
  return `# What adaptation does at ${resolution}

${introduction(of)} At ${mainResolution}: [adaptation.md](adaptation.md).

${degradedSection(of.sizes, rows)}`;
}

function degradedSection(sizes: Sizes, rows: ReadonlyMap<string, DegradedRow>): string {
  return `## Degraded cameras

Degradations are made at the camera's own size: those of ImageNet-C, 3D Common Corruptions and Mini Kinetics-C at the
severity behind the name. "Closed form" is the classic resize. After: with what the gate lets through, mean over seeds;
adopted: how many of the seeds. Won back: share of what the degradation cost. Where there is noise, the
camera is simulated on undamaged pictures: those of \`samples/demo.mp4\`, or, with photographs, ${sizes.undamaged} of cats and dogs
that are not judged on either, without labels (\`--photographs\`). How many seeds a row has can be read under "adopted".

${degradedTable(rows)}`;
}

export function mainPage(rows: Rows): string {
  return `# What adaptation does

${introduction(rows)}

## Clean frames, nothing fitted

The photographs stretched to the camera's resolution. Agreement: with the same frames resized by independent code with
the kernel of training.

| resolution | geometry | accuracy | agreement | KL, nats |
|---|---|---|---|---|
${resolutions.map((resolution) => cleanLine(resolution, rows.clean.get(resolution))).join('\n')}

From a random start, by labels alone, Adam at ${paper.learningRate}, ${paper.epochs} epochs of ${paper.photographs} photographs,
without a gate: ${paperText(rows.paper)}.

${degradedSection(rows.sizes, rows.degraded)}
## Biased scenes

Fitted without labels on the scene, judged on all test photographs and on those that are like the scene. Difference of
accuracy to the closed form, points.

| scene | state | target | gate | all | like the scene |
|---|---|---|---|---|---|
${sceneLines(rows).join('\n')}

## What must be refused

A camera in low light (severity 5), fitted wrongly.

| what | gate | reason |
|---|---|---|
${Object.keys(traps)
  .map((trap) => trapLine(trap, rows.traps.get(trap)))
  .join('\n')}

## Speed and memory

${speedText(rows)}
`;
}

function cleanLine(resolution: string, row: CleanRow | undefined): string {
  if (row === undefined) return `| ${resolution} | | ${notYet} | | |`;
  const { labelled, reference } = row.evaluation;
  const accuracy = labelled ? interval(labelled.accuracy) : notYet;
  const agreement = reference ? interval(reference.agreement) : notYet;
  return `| ${resolution} | ${row.geometry} | ${accuracy} | ${agreement} | ${reference?.kl.toExponential(1) ?? ''} |`;
}

function paperText(row: PaperRow | undefined): string {
  if (row === undefined) return notYet;
  const { steps, seconds } = row.fitted;
  return `${accuracyText(row.before)} before the first step, ${accuracyText(row.after)} after ${steps} steps in ${seconds.toFixed(0)} s`;
}

function degradedTable(rows: ReadonlyMap<string, DegradedRow>): string {
  const clean = rows.get(degradationName(undefined))?.before;
  const tried = ways.filter((way) => [...rows.values()].some(({ runs }) => runs.some((run) => run.way === way)));
  const lines = degradations.map((corruption) => {
    const name = degradationName(corruption);
    const row = rows.get(name);
    if (row?.before === undefined) return `| ${name} | ${notYet} |${' | | |'.repeat(tried.length)}`;
    const cells = tried.flatMap((way) => wayCells(row, way, clean));
    return `| ${name} | ${accuracyText(row.before)} | ${cells.join(' | ')} |`;
  });
  const shares = tried.map((way) => {
    const of = wonBackOver.map((name) => wonBack(rows.get(name), way, clean));
    const known = of.filter((share) => share !== undefined);
    return known.length < of.length ? notYet : (known.reduce((sum, share) => sum + share, 0) / known.length).toFixed(2);
  });
  return `| degradation | closed form | ${tried.map((way) => `${way} | adopted | won back`).join(' | ')} |
|---|---|${'---|---|---|'.repeat(tried.length)}
${lines.join('\n')}

Mean share won back over ${wonBackOver.join(', ')}: ${tried.map((way, i) => `${way} ${shares[i] ?? notYet}`).join(', ')}.

${refusals(rows)}
`;
}

function wayCells(row: DegradedRow, way: Way, clean: Right | undefined): string[] {
  const runs = row.runs.filter((run) => run.way === way);
  const after = runs.flatMap((run) => (run.after === undefined ? [] : [run.after]));
  if (row.before === undefined || after.length === 0) return [notYet, '', ''];
  const gained = difference(row.before, after);
  const accuracy = after.reduce((sum, right) => sum + share(right), 0) / after.length;
  const won = wonBack(row, way, clean);
  return [
    `${percent(accuracy, 1)}${rangeText(after.map(share))} (${points(gained.value)}: ${points(gained.low)} to ${points(gained.high)})`,
    `${runs.filter(({ fit }) => fit.adopted !== null).length} of ${runs.length}`,
    won === undefined ? '' : won.toFixed(2),
  ];
}

/** Lowest and highest over the seeds. */
function rangeText(shares: readonly number[]): string {
  if (shares.length < 2) return '';
  return `, seeds ${(100 * Math.min(...shares)).toFixed(1)} to ${(100 * Math.max(...shares)).toFixed(1)}`;
}

/** Undefined where the degradation costs next to nothing: a share of nothing says nothing. */
function wonBack(row: DegradedRow | undefined, way: Way, clean: Right | undefined): number | undefined {
  const after =
    row?.runs.flatMap((run) => (run.way === way && run.after !== undefined ? [share(run.after)] : [])) ?? [];
  if (row?.before === undefined || clean === undefined || after.length === 0) return undefined;
  const before = share(row.before);
  const lost = share(clean) - before;
  const gained = after.reduce((sum, value) => sum + value - before, 0) / after.length;
  return lost < 0.01 ? undefined : gained / lost;
}

/** What the gate kept out, and whether that was right. */
function refusals(rows: ReadonlyMap<string, DegradedRow>): string {
  const lines = [...rows].flatMap(([name, { before, runs }]) =>
    runs.flatMap(({ way, seed, fit, refused }) =>
      fit.adopted !== null || refused === undefined || before === undefined
        ? []
        : [`| ${name} | ${way} | ${seed} | ${accuracyText(before)} | ${accuracyText(refused)} | ${fit.reason} |`],
    ),
  );
  if (lines.length === 0) return 'The gate refused no candidate.';
  return `Refused candidates (the best of each fit by its own figures), and what they would have been worth:

| degradation | way | seed | closed form | refused | reason |
|---|---|---|---|---|---|
${lines.join('\n')}`;
}

function sceneLines({ scenes: done, like }: Rows): string[] {
  return scenes.flatMap((scene) =>
    damages.flatMap((damage) =>
      [false, true].map((baseline) => {
        const state = damage ? `${damage.name}-${damage.severity}` : 'undamaged';
        const head = `| ${scene} | ${state} | ${baseline ? 'baseline' : 'card'}`;
        const row = done.get(sceneKey(scene, state, baseline));
        if (row?.before === undefined || row.after === undefined) return `${head} | ${notYet} | | |`;
        const { before, after } = row;
        const alike = like.get(scene);
        const pick = (right: Right) => alike?.map((index) => right[index] ?? '').join('') ?? '';
        return `${head} | ${gateText(row.fit)} | ${differenceText(before, after)} | ${alike ? differenceText(pick(before), pick(after)) : ''} |`;
      }),
    ),
  );
}

function trapLine(trap: string, fit: FitRow | undefined): string {
  return fit ? `| ${trap} | ${gateText(fit)} | ${fit.reason} |` : `| ${trap} | ${notYet} | |`;
}

function speedText({ rates, command }: Rows): string {
  const whole = command
    ? `300 photographs without labels: ${command.seconds.toFixed(0)} s for all of it, ${command.steps} steps of alignment, ` +
      `${(command.peakMebibytes / 1024).toFixed(1)} GiB of memory at its peak`
    : notYet;
  const text = `\`edge-cls adapt --resolution 1080p\` from ${whole}.`;
  if (rates === undefined) return `Rates of fitting: ${notYet}.\n\n${text}`;
  const { forward, labels, both, align } = rates;
  const line = (what: string, rate: number) => `| ${what} | ${rate.toFixed(1)} | ${(rate / forward).toFixed(2)} |`;
  return `Frames per second at 300×300, measured one after the other in one process:

| what is run | frames/s | of the bare classifier |
|---|---|---|
${line('the classifier alone, forward', forward)}
${line('labels: all of it forward and back', labels)}
${line('labels with the alignment beside', both)}
${line('the alignment alone: the first layers forward, and a quarter of the frames forward again and back', align)}

The alignment goes at ${(align / labels).toFixed(1)} × the rate of labels.

${text}`;
}

function gateText({ adopted }: FitRow): string {
  return adopted === null ? 'refused' : `adopted ${adopted}`;
}

function differenceText(before: Right, after: Right): string {
  if (before === after) return '0';
  const { value, low, high } = difference(before, [after]);
  const [b, c] = [count(before, after), count(after, before)];
  return `${points(value)} (${points(low)} to ${points(high)}; p = ${mcnemar(b, c).toPrecision(2)})`;
}

/** Photographs that only the first gets right. */
function count(first: Right, second: Right): number {
  return Array.from(first).filter((digit, i) => digit === '1' && second[i] === '0').length;
}

/** Mean over the runs, its interval over the photographs. */
function difference(before: Right, after: readonly Right[]): Share {
  const each = Array.from(before).map(
    (digit, i) => after.reduce((sum, right) => sum + Number(right[i]), 0) / after.length - Number(digit),
  );
  return bootstrapMean(each, documentRandom());
}

function share(right: Right): number {
  return Array.from(right).filter((digit) => digit === '1').length / right.length;
}

function accuracyText(right: Right): string {
  return interval(wilson(Math.round(share(right) * right.length), right.length));
}

function interval({ value, low, high }: Share): string {
  return `${percent(value, 1)} (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
}

function points(value: number): string {
  return `${value >= 0 ? '+' : ''}${(100 * value).toFixed(1)}`;
}
