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
import { findFfmpeg } from '../src/video/ffmpeg/ffmpeg.ts';
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
/** Ours and the rival's one after the other: the machine's good and bad minutes hit both. */
interface Round {
  readonly bench: Bench;
  /** Frames per second; undefined where Python lacks what the rival needs. */
  readonly rival: number | undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'edge-cls-performance-'));
try {
  const ffmpeg = await findFfmpeg();
  const short = encoded(ffmpeg.path);
  const runRival = rivalOn(short);
  const rounds = Array.from({ length: Number(values.rounds) }, (): Round => ({
    bench: benchOf(short),
    rival: runRival(),
  }));
  const costs = await frontEndCosts(bundles, ['720p', '1080p', '4k']);
  const long = repeated(ffmpeg.path, short, frames);
  const file = await residentMemory(spawnRun([long]), frames);
  const camera = await residentMemory(spawnRun([short, '--realtime']), 1000);
  const page = report(rounds, costs, file, camera);
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

function benchOf(path: string): Bench {
  const args = [...program, 'bench', path, '--view', 'centre', '--rounds', '1', '--json'];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Bench;
}

/** What runs the OpenCV program once. */
function rivalOn(path: string): () => Round['rival'] {
  const python = process.env['PYTHON'] ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import cv2, onnxruntime, numpy'], { stdio: 'ignore' });
  } catch {
    console.error(`${python} has no cv2 and onnxruntime: without the rival (PYTHON=… names another)`);
    return () => undefined;
  }
  const model = join(root, 'models/efficientnet-lite0-imagenet/model.onnx');
  const script = join(import.meta.dirname, 'performance/opencv_onnxruntime.py');
  return () => {
    const line = execFileSync(python, [script, path, model, 'image', '224', '487,67,945,945'], { encoding: 'utf8' });
    return (JSON.parse(line) as { rate: number }).rate;
  };
}

function report(
  rounds: readonly Round[],
  costs: Awaited<ReturnType<typeof frontEndCosts>>,
  file: Awaited<ReturnType<typeof residentMemory>>,
  camera: Awaited<ReturnType<typeof residentMemory>>,
): string {
  const part = (name: string, key: 'decoder' | 'front_end' | 'classifier' | 'pipeline') => {
    const of = (figure: keyof Cost) => median(rounds.map(({ bench }) => bench[key][figure]));
    return `| ${name} | ${of('frames_per_second').toFixed(1)} | ${(1000 * of('core_seconds_per_frame')).toFixed(2)} |`;
  };
  const efficiencies = rounds.map(({ bench }) => bench.efficiency);
  const rivals = rounds.flatMap(({ bench, rival }) =>
    rival === undefined ? [] : [{ rate: rival, ratio: bench.pipeline.frames_per_second / rival }],
  );
  const memory = (name: string, { frames: count, peak, decoderPeak }: typeof file) =>
    `| ${name} | ${count} | ${peak.toFixed(0)} | ${decoderPeak.toFixed(0)} |`;
  return `# Performance

Made by \`npm run performance\` on ${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node.js ${process.version}:
\`samples/demo.mp4\` enlarged to 1920×1080 (H.264), \`efficientnet-lite0-imagenet\` in float32 on the CPU.

| part | frames/s | core-ms per frame |
| --- | --- | --- |
${part('decoder alone', 'decoder')}
${part('front end alone', 'front_end')}
${part('classifier alone', 'classifier')}
${part('whole pipeline', 'pipeline')}

Efficiency, the pipeline's rate over the rate that the sum of the three costs allows on these cores:
**${median(efficiencies).toFixed(3)}** (${range(efficiencies, 3)} in ${rounds.length} rounds; all figures are medians).

${
  rivals.length === 0
    ? 'The rival was not measured: Python with OpenCV and ONNX Runtime was absent.'
    : `The usual program (\`scripts/performance/opencv_onnxruntime.py\`: OpenCV decodes in a thread of its own, crops and
resizes; ONNX Runtime classifies with all cores), run after each round on the same file, makes
${median(rivals.map(({ rate }) => rate)).toFixed(1)} frames/s: edge-cls is at **${median(rivals.map(({ ratio }) => ratio)).toFixed(2)} ×** its rate (${range(
        rivals.map(({ ratio }) => ratio),
        2,
      )}).`
}

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

function range(values: readonly number[], digits: number): string {
  return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;
}
