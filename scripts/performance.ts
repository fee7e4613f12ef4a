/**
 * Rates, costs and memory at 1080p, in turns with programs that one would write oneself; writes
 * docs/performance.md: `npm run performance`, on a machine that does nothing else.
 *
 * `scripts/rivals/setup.sh FOLDER` gets what the rivals need, `RIVALS=FOLDER` names it here.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findFfmpeg } from '../src/video/ffmpeg/ffmpeg.ts';
import { frontEndCosts } from './performance/front-end-costs.ts';
import { residentMemory } from './performance/resident-memory.ts';
import { rivalsIn } from './performance/rivals.ts';

const root = join(import.meta.dirname, '..');
const program = ['--single-threaded-gc', join(root, 'dist/main.js')];
const { values } = parseArgs({
  options: { frames: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '3' } },
});
const frames = Number(values.frames);
const bundles = ['efficientnet-lite0-imagenet', 'inception-v3-cats-dogs'];

/** A part of what `edge-cls bench --json` prints. */
interface Cost {
  readonly frames_per_second: number;
  readonly core_seconds_per_frame: number;
}
interface Standing extends Cost {
  readonly name: string;
  readonly peak_mebibytes: number;
  readonly start_seconds: number;
  readonly edge_cls_rate_ratio: Spread;
  readonly edge_cls_core_seconds_ratio: Spread;
  readonly versions: Readonly<Record<string, string>>;
}
interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}
interface Bench extends Record<'decoder' | 'front_end' | 'classifier' | 'pipeline', Cost> {
  readonly efficiency: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly against: readonly Standing[];
}

const folder = mkdtempSync(join(tmpdir(), 'edge-cls-performance-'));
try {
  const ffmpeg = await findFfmpeg();
  const short = encoded(ffmpeg.path, 1000);
  const clip = encoded(ffmpeg.path, 250);
  const rivals = rivalsIn(process.env['RIVALS']);
  const [load] = loadavg();
  const benches = bundles.map((bundle) => ({ bundle, bench: benchOf(clip, bundle, rivals) }));
  const costs = await frontEndCosts(bundles, ['720p', '1080p', '4k']);
  const long = repeated(ffmpeg.path, short, frames);
  const file = await residentMemory(spawnRun([long]), frames);
  const camera = await residentMemory(spawnRun([short, '--realtime']), 1000);
  const page = report({ benches, load: load ?? 0, costs, file, camera });
  writeFileSync(join(root, 'docs/performance.md'), page);
  console.log(page);
} finally {
  rmSync(folder, { recursive: true });
}

function spawnRun(args: readonly string[]) {
  return spawn(process.execPath, [...program, 'run', ...args, '--json'], { stdio: ['ignore', 'ignore', 'ignore'] });
}

/** The demo, larger and again and again: real pictures that move, H.264. */
function encoded(ffmpeg: string, count: number): string {
  const path = join(folder, `${count}.mp4`);
  const demo = ['-stream_loop', '-1', '-i', join(root, 'samples/demo.mp4')];
  const encode = ['-vf', 'scale=1920:1080,fps=25', '-frames:v', String(count), '-c:v', 'libx264', '-preset', 'fast'];
  execFileSync(ffmpeg, ['-v', 'error', ...demo, ...encode, '-pix_fmt', 'yuv420p', path]);
  return path;
}

/** `once` so often that it has `length` frames. */
function repeated(ffmpeg: string, once: string, length: number): string {
  const path = join(folder, 'long.mp4');
  execFileSync(ffmpeg, ['-v', 'error', '-stream_loop', `${length / 1000 - 1}`, '-i', once, '-c', 'copy', path]);
  return path;
}

function benchOf(path: string, bundle: string, rivals: readonly string[]): Bench {
  const args = ['bench', path, '--bundle', bundle, '--view', 'centre', '--rounds', values.rounds, '--json'];
  const against = rivals.flatMap((rival) => ['--against', rival]);
  return JSON.parse(execFileSync(process.execPath, [...program, ...args, ...against], { encoding: 'utf8' })) as Bench;
}

interface Results {
  readonly benches: readonly { readonly bundle: string; readonly bench: Bench }[];
  /** Of the machine, before anything ran. */
  readonly load: number;
  readonly costs: Awaited<ReturnType<typeof frontEndCosts>>;
  readonly file: Awaited<ReturnType<typeof residentMemory>>;
  readonly camera: Awaited<ReturnType<typeof residentMemory>>;
}

function report({ benches, load, costs, file, camera }: Results): string {
  const memory = (name: string, { frames: count, peak, decoderPeak }: typeof file) =>
    `| ${name} | ${count} | ${peak.toFixed(0)} | ${decoderPeak.toFixed(0)} |`;
  return `# Performance

Made by \`npm run performance\` on ${availableParallelism()} cores (${cpus()[0]?.model.trim()}; ${vectorFlags()}), load ${load.toFixed(2)} before:
\`samples/demo.mp4\` enlarged to 1920×1080 (H.264), in float32 on the CPU, \`--view centre\`. All figures are medians of
${values.rounds} rounds; versions: ${versionsText(benches)}.

${benches.map(benchText).join('\n')}
The programs beside edge-cls are those in \`scripts/rivals/\`: each decodes the same file, crops and scales to the
classifier's size, and classifies every frame with the same graph. They run in turns with \`edge-cls run\`; rates and
core-ms are without the start (the difference of two runs on files of different length), memory is the most of all
processes together. \`edge-cls bench FILE --against NAME=COMMAND\` puts any other program beside it.

## Front end, by the camera's size

Milliseconds of one thread per frame, medians. \`staged\` is the default on a CPU: ffmpeg
brings the picture to the grid. \`native\` is the default on a GPU: every pixel goes through the front end.

| bundle | camera | geometry | strides x, y | grid | closed form | fitted |
| --- | --- | --- | --- | --- | --- | --- |
${costs.map(({ bundle, camera, mode, strides, grid, ms, fittedMs }) => `| ${bundle} | ${camera} | ${mode} | ${strides} | ${grid} | ${ms.toFixed(1)} | ${fittedMs.toFixed(1)} |`).join('\n')}

## Memory

Resident memory at its highest, MiB, of \`edge-cls run\` on one stream.

| | frames | edge-cls | its ffmpeg |
| --- | --- | --- | --- |
${memory('file, as fast as it goes', file)}
${memory('at the pace of a camera', camera)}

Over the ${file.frames} frames edge-cls itself changes by ${file.slope.toFixed(0)} ± ${file.slopeError.toFixed(0)} KiB per 1,000 frames (least squares with its standard
error, first fifth left out).
`;
}

function benchText({ bundle, bench }: Results['benches'][number]): string {
  const row = (name: string, { frames_per_second: rate, core_seconds_per_frame: seconds }: Cost) =>
    `| ${name} | ${rate.toFixed(1)} | ${(1000 * seconds).toFixed(2)} |`;
  const ratio = ({ median, least, most }: Spread) => `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
  const standing = (of: Standing) =>
    `| ${of.name} | ${of.frames_per_second.toFixed(1)} | ${ratio(of.edge_cls_rate_ratio)} | ` +
    `${(1000 * of.core_seconds_per_frame).toFixed(1)} | ${ratio(of.edge_cls_core_seconds_ratio)} | ` +
    `${of.peak_mebibytes.toFixed(0)} | ${of.start_seconds.toFixed(1)} |`;
  return `## ${bundle}

| part | frames/s | core-ms per frame |
| --- | --- | --- |
${row('decoder alone', bench.decoder)}
${row('front end alone', bench.front_end)}
${row('classifier alone', bench.classifier)}
${row('whole pipeline', bench.pipeline)}

Efficiency, the pipeline's rate over the rate that the sum of the three costs allows on these cores:
**${bench.efficiency.toFixed(3)}**.

| program | frames/s | edge-cls ÷ it | core-ms per frame | edge-cls ÷ it | MiB | start, s |
| --- | --- | --- | --- | --- | --- | --- |
${bench.against.map(standing).join('\n')}
`;
}

function versionsText(benches: Results['benches']): string {
  const versions = benches.flatMap(({ bench }) => [bench.versions, ...bench.against.map((of) => of.versions)]);
  return Object.entries(Object.assign({}, ...versions) as Record<string, string>)
    .map(([name, version]) => `${name.replace('edge_cls', 'edge-cls')} ${version}`)
    .join(', ');
}

/** What decides how quick kernels can be. */
function vectorFlags(): string {
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
  return flags.filter((flag) => /^(avx2|avx512f|avx512_vnni|avx_vnni|amx_int8)$/.test(flag)).join(', ');
}
