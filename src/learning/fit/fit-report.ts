/** A fit as a report: its course, its candidates, the filters, frames as the classifier sees them. */
import type { Engine } from '../../engine/engine.ts';
import type { AdapterWeights } from '../../model/adapter.ts';
import { FrontEnd } from '../../model/front-end/front-end.ts';
import type { Geometry } from '../../model/geometry.ts';
import type { Block, Cell, Report, ReportImage, Section } from '../../output/report/data.ts';
import { rgbFromUnitPlanes } from '../../output/report/pixels.ts';
import type { FrameSet } from '../data/frame-set.ts';
import { wilson } from '../evaluation/intervals.ts';
import type { Evidence } from '../gate/evidence.ts';
import type { AdaptOutcome, Candidate } from './adapt.ts';
import type { HistoryRow } from './fit-directory.ts';

export interface ReportParts {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: Cell])[];
  readonly outcome: AdaptOutcome;
  readonly history: readonly HistoryRow[];
  readonly engine: Engine;
  readonly geometry: Geometry;
  readonly frames: FrameSet;
  readonly previous: AdapterWeights;
}

const shownFrames = 6;

export async function fitReport(parts: ReportParts): Promise<Report> {
  const { title, outcome, facts, previous } = parts;
  const { adopted, reason } = outcome;
  const shown = adopted ?? outcome.candidates.at(-1);
  return {
    title,
    summary: adopted ? `Adopted: ${adopted.name}; ${reason}.` : `Refused: ${reason}.`,
    sections: [
      { heading: 'Before and after', blocks: [candidateTable(outcome)] },
      ...(shown ? [{ heading: 'The gate', blocks: [gateTable(shown)] }] : []),
      ...courseSections(parts.history),
      ...(shown ? [await pictureSection(parts, shown)] : []),
      ...(shown ? [filterSection(previous, shown)] : []),
      { heading: 'Record', blocks: [{ kind: 'facts', facts }] },
    ],
  };
}

function candidateTable({ before, candidates, adopted }: AdaptOutcome): Block {
  const row = (name: string, evidence: Evidence, gate: string): Cell[] => [
    name,
    ...(evidence.labelled
      ? [{ ...wilson(evidence.labelled.right.filter(Boolean).length, evidence.frames), unit: 'percent' as const }]
      : []),
    evidence.distance,
    { value: evidence.meanConfidence, unit: 'percent' },
    { value: Math.max(...evidence.classRates), unit: 'percent' },
    gate,
  ];
  return {
    kind: 'table',
    caption: `On ${before.frames} held-out frames`,
    columns: [
      'front end',
      ...(before.labelled ? ['accuracy'] : []),
      ...['statistics distance', 'mean confidence', 'largest class rate', 'gate'],
    ],
    rows: [
      row('in use before', before, ''),
      ...candidates.map((candidate) =>
        row(
          candidate.name,
          candidate.evidence,
          candidate === adopted ? 'adopted' : candidate.verdict.adopted ? 'passed' : 'refused',
        ),
      ),
    ],
  };
}

function gateTable({ name, verdict }: Candidate): Block {
  return {
    kind: 'table',
    caption: name,
    columns: ['sign', 'found', 'passed'],
    rows: verdict.checks.map((check) => [check.name, check.text, check.passed]),
  };
}

/** One chart for each stage: the loss and its pieces over the steps. */
function courseSections(history: readonly HistoryRow[]): Section[] {
  const stages = [...new Set(history.map(({ stage }) => stage))];
  if (stages.length === 0) return [];
  const blocks = stages.map((stage): Block => {
    const rows = history.filter((row) => row.stage === stage);
    const pieces = Object.keys(rows[0]?.pieces ?? {});
    const series = (name: string, value: (row: HistoryRow) => number) => ({
      name,
      points: rows.map((row) => ({ x: row.step, y: value(row) })),
    });
    return {
      kind: 'chart',
      title: `Loss while fitting: ${stage}`,
      mark: 'line',
      x: { label: 'step' },
      y: { label: 'loss', scale: 'log' },
      series: [
        series('loss', ({ loss }) => loss),
        ...(pieces.length > 1 ? pieces.map((piece) => series(piece, (row) => row.pieces[piece] ?? NaN)) : []),
      ],
    };
  });
  return [{ heading: 'Course', blocks }];
}

async function pictureSection(
  { engine, geometry, frames, previous, outcome }: ReportParts,
  shown: Candidate,
): Promise<Section> {
  await using frontEnd = FrontEnd.on(engine, geometry);
  const { width, height } = geometry.input;
  const { held } = outcome.split;
  const some = held.filter((_, i) => i % Math.max(1, Math.ceil(held.length / shownFrames)) === 0);
  const rows: { images: ReportImage[] }[] = [];
  for (const index of some) {
    const images: ReportImage[] = [];
    for (const [caption, weights] of [
      ['before', previous],
      [shown.name, shown.weights],
    ] as const) {
      const { image } = await frontEnd.run(Uint8Array.from(await frames.read(index)), weights);
      images.push({ caption, width, height, rgb: rgbFromUnitPlanes(image) });
    }
    rows.push({ images });
  }
  return { heading: 'Frames as the classifier sees them', blocks: [{ kind: 'images', rows }] };
}

function filterSection(previous: AdapterWeights, { name, weights }: Candidate): Section {
  return {
    heading: 'The 528 values',
    blocks: [
      { kind: 'filters', title: 'before', weights: previous },
      { kind: 'filters', title: name, weights },
    ],
  };
}
