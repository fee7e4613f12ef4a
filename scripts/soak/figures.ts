/** What a soak measures, and how it is printed. */
import { openDescriptors, residentBytes } from '../../test/rig/processes.ts';
import type { EventLine, Program, Sample as Metric } from '../../test/rig/program.ts';

/** One look at the processes. */
export interface Sample {
  readonly atSeconds: number;
  readonly serviceMiB: number;
  readonly decodersMiB: number;
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
  readonly metrics: readonly Metric[];
  /** Streams that did not come back. */
  readonly lost: readonly string[];
  /** Decoders that outlived the service. */
  readonly orphans: number;
  readonly stop: { readonly code: number | string; readonly seconds: number };
  /** Decoders that were killed. */
  readonly killed: number;
  readonly cameras: { readonly faults: number; readonly killed: number };
}

export function takeSample(service: Program, atSeconds: number): Sample {
  const mebibytes = (pid: number) => residentBytes(pid) / 2 ** 20;
  const children = service.decoders();
  return {
    atSeconds,
    serviceMiB: mebibytes(service.pid),
    decodersMiB: children.reduce((sum, { pid }) => sum + mebibytes(pid), 0),
    descriptors: openDescriptors(service.pid),
    zombies: children.filter(({ state }) => state === 'Z').length,
  };
}

/** Prints, and sets the exit code to 1 when something was lost or left behind. */
export function report(outcome: Outcome): void {
  const { names, from, to, predictions, samples, metrics, lost, orphans, stop, killed, cameras } = outcome;
  const seconds = (to.getTime() - from.getTime()) / 1000;
  const rates = names.map((name) => predictions.filter(({ stream }) => stream === name).length / seconds);
  const tenths = Array.from({ length: 10 }, (_, tenth) =>
    predictions.filter(
      ({ time }) => Math.floor((10 * (Date.parse(time) - from.getTime())) / (1000 * seconds)) === tenth,
    ),
  );
  const settled = samples.filter(({ atSeconds }) => atSeconds > seconds / 3);
  const last = samples.at(-1);
  // One that was ended a moment ago is not left behind yet.
  const zombies = Math.min(...samples.slice(-6).map((sample) => sample.zombies));
  const rows: readonly (readonly [string, string])[] = [
    ['classified', `${(predictions.length / seconds).toFixed(1)} frames/s`],
    ['per stream', `${Math.min(...rates).toFixed(2)} to ${Math.max(...rates).toFixed(2)} frames/s`],
    ['age p50, p99', `${ageMs(predictions, 0.5)}, ${ageMs(predictions, 0.99)} ms`],
    ['age p99 by tenth', `${tenths.map((part) => ageMs(part, 0.99)).join(' ')} ms`],
    ['dropped', counted(metrics, 'edge_cls_frames_dropped_total', 'reason')],
    ['restarts', counted(metrics, 'edge_cls_decoder_restarts_total', 'reason')],
    ['failed connects', counted(metrics, 'edge_cls_connect_failures_total', 'reason')],
    ['faults', `${cameras.faults}; killed: ${killed} decoders, ${cameras.killed} cameras`],
    ['memory', `service ${last?.serviceMiB.toFixed(0)} MiB, decoders ${last?.decodersMiB.toFixed(0)} MiB`],
    ['memory slope', `${slopePerMinute(settled, (sample) => sample.serviceMiB).toFixed(2)} MiB/min of the service`],
    ['descriptors', `${samples[0]?.descriptors} at first, ${last?.descriptors} at last`],
    ['left behind', `${zombies} zombies, ${orphans} orphans, ${lost.length} lost streams ${lost.join(' ')}`],
    ['stopped', `exit ${stop.code} in ${stop.seconds.toFixed(2)} s`],
  ];
  for (const [name, text] of rows) console.log(`${name.padEnd(17)} ${text}`);
  if (zombies > 0 || orphans > 0 || lost.length > 0 || stop.code !== 0) process.exitCode = 1;
}

function counted(metrics: readonly Metric[], name: string, label: string): string {
  const sums = new Map<string, number>();
  for (const { name: metric, labels, value } of metrics) {
    const key = labels[label] ?? '';
    if (metric === name && value > 0) sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return [...sums].map(([key, sum]) => `${key} ${sum}`).join(', ') || 'none';
}

function ageMs(lines: readonly EventLine[], quantile: number): string {
  const ages = lines.map(({ age_seconds: age }) => age ?? NaN).sort((a, b) => a - b);
  const age = ages[Math.min(ages.length - 1, Math.floor(quantile * ages.length))];
  return age === undefined ? '-' : (1000 * age).toFixed(0);
}

/** Least squares. */
function slopePerMinute(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const centre = mean(samples.map(({ atSeconds }) => atSeconds));
  const level = mean(samples.map(of));
  const covariance = mean(samples.map((sample) => (sample.atSeconds - centre) * (of(sample) - level)));
  return (60 * covariance) / mean(samples.map(({ atSeconds }) => (atSeconds - centre) ** 2));
}
