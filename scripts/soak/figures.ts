/** What a soak measures, and how it is printed. */
import { cpuSeconds, openDescriptors, residentBytes } from '../../test/rig/processes.ts';
import type { EventLine, Program, Sample as Metric } from '../../test/rig/program.ts';
import { leastSquares } from '../least-squares.ts';

/** One look at the processes. */
export interface Sample {
  readonly atSeconds: number;
  readonly serviceMiB: number;
  readonly decodersMiB: number;
  /** Since they began, all threads. */
  readonly serviceCpuSeconds: number;
  /** Those that have ended with them. */
  readonly decodersCpuSeconds: number;
  readonly descriptors: number;
  readonly zombies: number;
}

export interface Outcome {
  readonly names: readonly string[];
  readonly from: Date;
  readonly to: Date;
  /** Those between `from` and `to`. */
  readonly predictions: readonly EventLine[];
  readonly samples: readonly Sample[];
  /** At `from` and at `to`. */
  readonly metrics: { readonly first: readonly Metric[]; readonly last: readonly Metric[] };
  /** Streams that did not come back. */
  readonly lost: readonly string[];
  /** Decoders that were there when the service had ended, and those that still were 5 s later. */
  readonly orphans: { readonly first: number; readonly last: number };
  readonly stop: { readonly code: number | string; readonly seconds: number };
  /** It was killed instead of being asked to end. */
  readonly crash: boolean;
  /** Decoders that were killed. */
  readonly killed: number;
  readonly cameras: { readonly faults: number; readonly killed: number };
}

export function takeSample(service: Program, atSeconds: number): Sample {
  const mebibytes = (pid: number) => residentBytes(pid) / 2 ** 20;
  const children = service.decoders();
  const { own, reaped } = cpuSeconds(service.pid);
  return {
    atSeconds,
    serviceCpuSeconds: own,
    decodersCpuSeconds: children.reduce((sum, { pid }) => sum + cpuSeconds(pid).own, reaped),
    serviceMiB: mebibytes(service.pid),
    decodersMiB: children.reduce((sum, { pid }) => sum + mebibytes(pid), 0),
    descriptors: openDescriptors(service.pid),
    zombies: children.filter(({ state }) => state === 'Z').length,
  };
}

/** Prints, and sets the exit code to 1 when something was lost or left behind. */
export function report(outcome: Outcome): void {
  const { names, from, to, predictions, samples, metrics, lost, orphans, stop, crash, killed, cameras } = outcome;
  const seconds = (to.getTime() - from.getTime()) / 1000;
  const rates = names.map((name) => predictions.filter(({ stream }) => stream === name).length / seconds);
  const tenths = Array.from({ length: 10 }, (_, tenth) =>
    predictions.filter(
      ({ time }) => Math.floor((10 * (Date.parse(time) - from.getTime())) / (1000 * seconds)) === tenth,
    ),
  );
  const settled = samples.filter(({ atSeconds }) => atSeconds > seconds / 3);
  const [begin, last] = [samples[0], samples.at(-1)];
  const share = predictions.length / seconds / names.length;
  const ofShare = (rate: number) => `${(100 * (rate / share - 1)).toFixed(1)} %`;
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  const perStream = (of: (sample: Sample) => number) =>
    begin && last
      ? `${((100 * (of(last) - of(begin))) / (last.atSeconds - begin.atSeconds) / names.length).toFixed(1)} %`
      : '-';
  const count = (name: string, label?: string) => counted(metrics, `edge_cls_${name}_total`, label);
  const received = sum(count('frames_received'));
  const offered = `${(received / seconds).toFixed(1)} were decoded, ${(received / predictions.length).toFixed(1)} times as many`;
  // One that was ended a moment ago is not left behind yet.
  const zombies = Math.min(...samples.slice(-6).map((sample) => sample.zombies));
  const rows: readonly (readonly [string, string])[] = [
    ['classified', `${(predictions.length / seconds).toFixed(1)} frames/s; ${offered}`],
    [
      'per stream',
      `${least.toFixed(2)} to ${most.toFixed(2)} frames/s: ${ofShare(least)} to ${ofShare(most)} of its share`,
    ],
    ['age p50, p99', `${ageMs(predictions, 0.5)}, ${ageMs(predictions, 0.99)} ms`],
    ['age p99 by tenth', `${tenths.map((part) => ageMs(part, 0.99)).join(' ')} ms`],
    ['dropped', listed(count('frames_dropped', 'reason'))],
    ['restarts', listed(count('decoder_restarts', 'reason'))],
    ['failed connects', listed(count('connect_failures', 'reason'))],
    ['faults', `${cameras.faults}; killed: ${killed} decoders, ${cameras.killed} cameras`],
    [
      'CPU per stream',
      `service ${perStream((each) => each.serviceCpuSeconds)}, decoders ${perStream((each) => each.decodersCpuSeconds)} of a core`,
    ],
    ['memory', `service ${last?.serviceMiB.toFixed(0)} MiB, decoders ${last?.decodersMiB.toFixed(0)} MiB`],
    ['memory by tenth', `${memoryByTenth(samples, seconds)} MiB of the service`],
    [
      'memory slope',
      `${(60 * leastSquares(settled.map(({ atSeconds, serviceMiB }) => [atSeconds, serviceMiB])).slope).toFixed(2)} MiB/min of the service`,
    ],
    ['descriptors', `${begin?.descriptors} at first, ${last?.descriptors} at last`],
    [
      'left behind',
      `${zombies} zombies, ${orphans.last} orphans (${orphans.first} at first), ${lost.length} lost streams ${lost.join(' ')}`,
    ],
    ['stopped', `exit ${stop.code} in ${stop.seconds.toFixed(2)} s`],
  ];
  for (const [name, text] of rows) console.log(`${name.padEnd(17)} ${text}`);
  if (zombies > 0 || orphans.last > 0 || lost.length > 0 || stop.code !== (crash ? 'SIGKILL' : 0)) process.exitCode = 1;
}

/** What a counter has counted since the beginning, by the values of a label. */
function counted({ first, last }: Outcome['metrics'], name: string, label?: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (metrics: readonly Metric[], sign: number) => {
    for (const { name: metric, labels, value } of metrics) {
      const key = label === undefined ? '' : (labels[label] ?? '');
      if (metric === name) counts.set(key, (counts.get(key) ?? 0) + sign * value);
    }
  };
  add(last, 1);
  add(first, -1);
  return counts;
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, each) => all + each, 0);
}

function listed(counts: ReadonlyMap<string, number>): string {
  const some = [...counts].filter(([, count]) => count > 0);
  return some.map(([key, count]) => `${key} ${count}`).join(', ') || 'none';
}

function ageMs(lines: readonly EventLine[], quantile: number): string {
  const ages = lines.map(({ age_seconds: age }) => age ?? NaN).sort((a, b) => a - b);
  const age = ages[Math.min(ages.length - 1, Math.floor(quantile * ages.length))];
  return age === undefined ? '-' : (1000 * age).toFixed(0);
}

/** The most in each. */
function memoryByTenth(samples: readonly Sample[], seconds: number): string {
  const most = Array.from({ length: 10 }, (_, tenth) =>
    samples.filter(({ atSeconds }) => Math.floor((10 * atSeconds) / seconds) === tenth),
  ).map((part) => Math.max(...part.map(({ serviceMiB }) => serviceMiB)));
  return most.map((mebibytes) => mebibytes.toFixed(0)).join(' ');
}
