/** How programs stand against each other: JSON, and a table. */
import type { Standing } from '../../daemon/bench/in-turns.ts';
import { median } from '../../domain/median.ts';
import { lastWords } from './against.ts';

const mebibyte = 2 ** 20;

export function standingJson(standing: Standing) {
  return {
    name: standing.name,
    frames_per_second: standing.framesPerSecond,
    core_seconds_per_frame: standing.coreSecondsPerFrame,
    peak_mebibytes: standing.peakBytes / mebibyte,
    start_seconds: standing.startSeconds,
    edge_cls_rate_ratio: spread(standing.ratios),
    edge_cls_core_seconds_ratio: spread(standing.coreRatios),
    versions: lastWords(standing.stdout).versions ?? {},
  };
}

/** A line for each, the first is edge-cls. */
export function standingsTable(standings: readonly Standing[]): string[] {
  const width = Math.max(...standings.map(({ name }) => name.length));
  const head = ['frames/s', 'core-ms a frame', 'MiB', 'start, s', 'edge-cls, rate', 'edge-cls, core time'];
  const rows = standings.map((standing) => [
    standing.framesPerSecond.toFixed(1),
    (1000 * standing.coreSecondsPerFrame).toFixed(1),
    (standing.peakBytes / mebibyte).toFixed(0),
    standing.startSeconds.toFixed(1),
    ratioText(standing.ratios),
    ratioText(standing.coreRatios),
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((cells) => cells[i]?.length ?? 0)));
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((cell, i) => cell.padStart(widths[i] ?? 0))].join('  ');
  return [
    'in turns, without the start, memory of all processes:',
    line('', head),
    ...standings.map(({ name }, i) => line(name, rows[i] ?? [])),
  ];
}

function spread(ratios: readonly number[]) {
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

function ratioText(ratios: readonly number[]): string {
  const { median: middle, least, most } = spread(ratios);
  return `${middle.toFixed(2)} × (${least.toFixed(2)} to ${most.toFixed(2)})`;
}
