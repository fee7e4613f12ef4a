/**
 * Rates, costs and memory at 1080p, side by side with a plain OpenCV program; writes
 * docs/performance.md: `npm run performance`, on a machine that does nothing else.
 *
 * The rival needs Python with opencv-python-headless and onnxruntime: `PYTHON=venv/bin/python`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../src/domain/median.ts';
import { findFfmpeg } from '../src/video/ffmpeg.ts';
import { frontEndCosts } from './performance/front-end-costs.ts';
import { residentMemory } from './performance/resident-memory.ts';

const root = join(import.meta.dirname, '..');
const program = ['--single-threaded-gc', join(root, 'dist/main.js')];
const { values } = parseArgs({
  options: { frames: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '7' } },
});
const frames = Number(values.frames);
const bundles = ['efficientnet-lite0-imagenet', 'inception-v3-cats-dogs'];

/** A part of what `edge-cls bench --json` prints. */
interface Cost {
  readonly frames_per_second: number;
  readonly core_seconds_per_frame: number;
}
interface Bench extends Record<'decoder' | 'front_end' | 'classifier' | 'pipeline', Cost> {
  readonly efficiency: number;
}

const folder = mkdtempSync(join(tmpdir(), 'edge-cls-performance-'));
try {
  const ffmpeg = await findFfmpeg();
  const short = encoded(ffmpeg.path);
  const bench = JSON.parse(
    execFileSync(process.execPath, [...program, 'bench', short, '--rounds', values.rounds, '--json'], {
      encoding: 'utf8',
    }),
  ) as Bench;
  const rival = rivalRate(short);
  const costs = await frontEndCosts(bundles, ['720p', '1080p', '4k']);
  const long = repeated(ffmpeg.path, short, frames);
  const file = await residentMemory(spawnRun([long]), frames);
  const camera = await residentMemory(spawnRun([short, '--realtime']), 1000);
  const page = report(bench, rival, costs, file, camera);
  writeFileSync(join(root, 'docs/performance.md'), page);
  console.log(page);
} finally {
  rmSync(folder, { recursive: true });
}

function spawnRun(args: readonly string[]) {
  return spawn(process.execPath, [...program, 'run', ...args, '--json'], { stdio: ['ignore', 'ignore', 'ignore'] });
}

/** The demo, larger and again and again: real pictures that move, H.264; 1,000 frames. */
function encoded(ffmpeg: string): string {
  const path = join(folder, 'short.mp4');
  const demo = ['-stream_loop', '-1', '-i', join(root, 'samples/demo.mp4')];
  const encode = ['-vf', 'scale=1920:1080,fps=25', '-frames:v', '1000', '-c:v', 'libx264', '-preset', 'fast'];
  execFileSync(ffmpeg, ['-v', 'error', ...demo, ...encode, '-pix_fmt', 'yuv420p', path]);
  return path;
}

/** `once` so often that it has `length` frames. */
function repeated(ffmpeg: string, once: string, length: number): string {
  const path = join(folder, 'long.mp4');
  execFileSync(ffmpeg, ['-v', 'error', '-stream_loop', `${length / 1000 - 1}`, '-i', once, '-c', 'copy', path]);
  return path;
}

/** Frames per second of the OpenCV program, the median; undefined where Python lacks what it needs. */
function rivalRate(path: string): number | undefined {
  const python = process.env['PYTHON'] ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import cv2, onnxruntime, numpy'], { stdio: 'ignore' });
  } catch {
    console.error(`${python} has no cv2 and onnxruntime: without the rival (PYTHON=… names another)`);
    return undefined;
  }
  const model = join(root, 'models/efficientnet-lite0-imagenet/model.onnx');
  const script = join(import.meta.dirname, 'performance/opencv_onnxruntime.py');
  const rates = Array.from({ length: Number(values.rounds) }, () => {
    const line = execFileSync(python, [script, path, model, 'image', '224', '487,67,945,945'], { encoding: 'utf8' });
    return (JSON.parse(line) as { rate: number }).rate;
  });
  return median(rates);
}

function report(
  bench: Bench,
  rival: number | undefined,
  costs: Awaited<ReturnType<typeof frontEndCosts>>,
  file: Awaited<ReturnType<typeof residentMemory>>,
  camera: Awaited<ReturnType<typeof residentMemory>>,
): string {
  const part = (name: string, { frames_per_second: rate, core_seconds_per_frame: cost }: Cost) =>
    `| ${name} | ${rate.toFixed(1)} | ${(1000 * cost).toFixed(2)} |`;
  const memory = (name: string, { frames: count, peak, decoderPeak }: typeof file) =>
    `| ${name} | ${count} | ${peak.toFixed(0)} | ${decoderPeak.toFixed(0)} |`;
  return `# Performance

Made by \`npm run performance\` on ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node.js ${process.version}:
\`samples/demo.mp4\` enlarged to 1920×1080 (H.264), \`efficientnet-lite0-imagenet\` in float32 on the CPU.

| part | frames/s | core-ms per frame |
| --- | --- | --- |
${part('decoder alone', bench.decoder)}
${part('front end alone', bench.front_end)}
${part('classifier alone', bench.classifier)}
${part('whole pipeline', bench.pipeline)}

Efficiency, the pipeline's rate over the rate that the sum of the three costs allows on these cores:
**${bench.efficiency.toFixed(3)}**.

${
  rival === undefined
    ? 'The rival was not measured: Python with OpenCV and ONNX Runtime was absent.'
    : `The usual program (\`scripts/performance/opencv_onnxruntime.py\`: OpenCV decodes in a thread of its own, crops and
resizes; ONNX Runtime classifies with all cores) makes ${rival.toFixed(1)} frames/s on the same file in the same run:
edge-cls is at **${(bench.pipeline.frames_per_second / rival).toFixed(2)} ×** its rate.`
}

## Front end, by the camera's size

Milliseconds of one thread per frame, medians. \`staged\` is the default on a CPU: ffmpeg
brings the picture to the grid. \`native\` is the default on a GPU: every pixel goes through the front end.

| bundle | camera | geometry | strides x, y | grid | ms |
| --- | --- | --- | --- | --- | --- |
${costs.map(({ bundle, camera, mode, strides, grid, ms }) => `| ${bundle} | ${camera} | ${mode} | ${strides} | ${grid} | ${ms.toFixed(1)} |`).join('\n')}

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
