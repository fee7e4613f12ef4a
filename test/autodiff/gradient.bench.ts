/**
 * How much a gradient costs, in forward passes: `npx tsx test/autodiff/gradient.bench.ts [NAME]`.
 *
 * Forward and backward alternate in one run and medians are compared, since other programs may share the
 * machine. The processor time per image is less disturbed by them than the rate.
 */
import { readFileSync } from 'node:fs';
import ort from 'onnxruntime-node';
import { median } from '../../src/domain/median.ts';
import { foldableWeights } from '../../src/autodiff/foldable.ts';
import { gradientGraph } from '../../src/autodiff/gradient.ts';
import { concatenate, subgraph } from '../../src/autodiff/subgraph.ts';
import type { GraphModel } from '../../src/onnx/model.ts';
import { decodeModel, encodeModel } from '../../src/onnx/wire.ts';
import { frontEnd, parameters } from './front-end.ts';

const batch = 8;
const rounds = Number(process.env['ROUNDS'] ?? 9);

const bundle = (name: string) => decodeModel(readFileSync(new URL(`../../models/${name}/model.onnx`, import.meta.url)));

interface Subject {
  readonly model: GraphModel;
  readonly of: string;
  readonly withRespectTo: readonly string[];
  readonly inputShapes: Record<string, number[]>;
  /** What the gradient is compared with; the model itself by default. */
  readonly forward?: GraphModel;
}

const inception = 'inception-v3-cats-dogs';

function image(name: string, size: number, of: string): Subject {
  const model = bundle(name);
  return {
    model: subgraph(model, { outputs: [of] }),
    of,
    withRespectTo: ['image'],
    inputShapes: { image: [batch, 3, size, size] },
  };
}

/** The front end before a part of InceptionV3, by the front end's tensors. */
function adapter(grid: number, strides: readonly [number, number], of: string): Subject {
  const back = subgraph(bundle(inception), { outputs: [of] });
  const model = concatenate(frontEnd(batch, grid, strides), back, { join: { image: 'image' } });
  return { model, of, withRespectTo: Object.keys(parameters), inputShapes: {}, forward: back };
}

const subjects: Record<string, () => Subject> = {
  'InceptionV3 by the image': () => image(inception, 150, 'logit'),
  'EfficientNet-Lite0 by the image': () => image('efficientnet-lite0-imagenet', 224, 'logits'),
  'stem by the image': () => image(inception, 150, 'conv2d_5'),
  '300×300, strides (1,2), InceptionV3 by the adapter': () => adapter(300, [1, 2], 'logit'),
  '300×300, strides (1,2), stem by the adapter': () => adapter(300, [1, 2], 'conv2d_5'),
  '600×600, strides (2,2), stem by the adapter': () => adapter(600, [2, 2], 'conv2d_5'),
  '1050×1050, strides (7,1), stem by the adapter': () => adapter(1050, [7, 1], 'conv2d_5'),
};

async function session(model: GraphModel, threads: number) {
  return ort.InferenceSession.create(encodeModel(model), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    ...(process.env['PROFILE'] && { enableProfiling: true, profileFilePrefix: process.env['PROFILE'] }),
  });
}

function feedsOf(model: GraphModel): Record<string, ort.Tensor> {
  return Object.fromEntries(
    model.inputs.map(({ name, dims }) => {
      const sizes = dims.map((dim) => (typeof dim === 'number' ? dim : batch));
      const data = Float32Array.from(
        { length: sizes.reduce((a, b) => a * b, 1) },
        (_, i) => Math.abs(Math.sin(i * 1.7)) * 0.5,
      );
      return [name, new ort.Tensor('float32', data, sizes)];
    }),
  );
}

async function measure(title: string, subject: Subject, threads: number): Promise<void> {
  const { of, withRespectTo, inputShapes } = subject;
  const both = gradientGraph(subject.model, { result: { [of]: 'cotangent' }, withRespectTo, keep: [of], inputShapes });
  const forward = foldableWeights(subject.forward ?? subject.model);
  const runs = await Promise.all(
    [forward, both].map(async (model) => ({
      session: await session(model, threads),
      feeds: feedsOf(model),
      wall: [] as number[],
      cpu: [] as number[],
    })),
  );
  for (let round = 0; round <= rounds; round++) {
    for (const run of runs) {
      const cpu = process.cpuUsage();
      const start = performance.now();
      await run.session.run(run.feeds);
      const { user, system } = process.cpuUsage(cpu);
      if (round === 0) continue; // memory is laid out in the first run
      run.wall.push(performance.now() - start);
      run.cpu.push((user + system) / 1000);
    }
  }
  const [bare = NaN, full = NaN] = runs.map(({ wall }) => median(wall));
  const [bareCpu = NaN, fullCpu = NaN] = runs.map(({ cpu }) => median(cpu) / batch);
  const rate = (milliseconds: number) => ((batch * 1000) / milliseconds).toFixed(1);
  console.log(
    `${title}, ${String(threads)} threads: forward ${rate(bare)}/s, with gradient ${rate(full)}/s, ratio ${(bare / full).toFixed(2)}; ` +
      `processor ${bareCpu.toFixed(1)} and ${fullCpu.toFixed(1)} ms per image, ratio ${(bareCpu / fullCpu).toFixed(2)}`,
  );
  await Promise.all(runs.map((run) => run.session.release()));
}

async function main(): Promise<void> {
  const wanted = process.argv[2] ?? '';
  const threads = Number(process.env['THREADS'] ?? 2);
  for (const [title, make] of Object.entries(subjects)) {
    if (title.includes(wanted)) await measure(title, make(), threads);
  }
}

await main();
