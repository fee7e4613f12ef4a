/**
 * Every form that a front end can have, what it is estimated to cost, and what it costs: core-ms a frame on one thread,
 * the best of the rounds, beside the classifier's. `npm run bench:front-end`; the constants of `front-end/cost.ts` are
 * judged by it.
 */
import { onnxruntimeEngine } from '../../src/engine/onnxruntime/engine.ts';
import type { Engine, Tensors } from '../../src/engine/engine.ts';
import { toTensors, type AdapterWeights } from '../../src/model/adapter.ts';
import { loadBundle, type Bundle } from '../../src/model/bundle.ts';
import { chooseGeometry } from '../../src/model/choose-geometry.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { frontEndFloatModel } from '../../src/model/front-end/float-graph.ts';
import { chooseForm, equalForms } from '../../src/model/front-end/form.ts';
import { geometryKey, type Geometry } from '../../src/model/geometry.ts';
import { encodeModel } from '../../src/onnx/wire.ts';
import { asFitted } from './as-fitted.ts';

const rounds = 10;
const bundles = ['efficientnet-lite0-imagenet', 'inception-v3-cats-dogs'];
const region = { width: 1920, height: 1080 };

await using engine = await onnxruntimeEngine({ device: 'cpu', threads: 1 });
for (const name of bundles) {
  const bundle = await loadBundle(name);
  const classifier = await best(engine, [classifierRun(bundle)]);
  for (const mode of ['staged', 'native'] as const) {
    const { geometry } = chooseGeometry(mode, 'cpu', bundle.card, region);
    const { weights } = closedForm(geometry, bundle.card.resize.kernel);
    for (const [what, adapter] of [
      ['closed form', weights],
      ['fitted', asFitted(weights)],
    ] as const) {
      await table(`${name}, ${geometryKey(geometry)}, ${what}`, geometry, adapter, classifier[0] ?? NaN);
    }
  }
}

async function table(title: string, geometry: Geometry, adapter: AdapterWeights, classifier: number): Promise<void> {
  const chosen = chooseForm({ adapter, geometry });
  const forms = equalForms({ adapter, geometry });
  const runs = forms.map((form): Run => ({
    model: encodeModel(form.graph()),
    feeds: pixelsOf(geometry),
    into: imageOf(geometry),
  }));
  const [fed = NaN, ...times] = await best(engine, [fedRun(geometry, adapter), ...runs]);
  console.log(`\n${title}; classifier ${classifier.toFixed(2)} ms`);
  console.log(`  weights fed, pixels as floats already          ${fed.toFixed(2)} ms`);
  forms.forEach(({ name, phases, cost }, i) => {
    const ms = times[i] ?? NaN;
    const mark = chosen.name === name && chosen.cost === cost ? '*' : ' ';
    const text = `${name} ${phases.y}x${phases.x}`.padEnd(24);
    const share = `${((100 * ms) / classifier).toFixed(1)} % of the classifier`;
    console.log(`${mark} ${text} estimated ${cost.toFixed(0).padStart(6)}  ${ms.toFixed(2).padStart(7)} ms, ${share}`);
  });
}

interface Run {
  readonly model: string | Uint8Array;
  readonly feeds: Tensors;
  /** Where the image goes, as in a stream. */
  readonly into?: Tensors;
}

function imageOf({ input: { height, width } }: Geometry): Tensors {
  return { image: { data: new Float32Array(3 * height * width), dims: [1, 3, height, width] } };
}

function pixelsOf({ grid }: Geometry): Tensors {
  const data = new Uint8Array(3 * grid.width * grid.height).map((_, i) => (i * 7919) % 256);
  return { pixels: { data, dims: [1, 3, grid.height, grid.width] } };
}

/** As fitting runs it. */
function fedRun(geometry: Geometry, adapter: AdapterWeights): Run {
  const { grid } = geometry;
  const data = new Float32Array(3 * grid.width * grid.height).map((_, i) => ((i * 7919) % 256) / 255);
  const feeds = { rgb: { data, dims: [1, 3, grid.height, grid.width] }, ...toTensors(adapter) };
  return { model: encodeModel(frontEndFloatModel(geometry)), feeds, into: imageOf(geometry) };
}

function classifierRun({ card, modelPath }: Bundle): Run {
  const { name, width, height } = card.input;
  const data = new Float32Array(3 * width * height).map((_, i) => ((i * 7919) % 256) / 255);
  return { model: modelPath, feeds: { [name]: { data, dims: [1, 3, height, width] } } };
}

/** The buffers are moved to the engine. */
function copied(tensors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { data, dims }]) => [name, { data: data.slice(), dims }]),
  );
}

/** Turn by turn: the machine's good and bad moments hit all. */
async function best(on: Engine, runs: readonly Run[]): Promise<number[]> {
  const graphs = await Promise.all(runs.map(({ model }) => on.load(model)));
  const least = runs.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    for (const [i, graph] of graphs.entries()) {
      const { feeds = {}, into = {} } = runs[i] ?? {};
      const { milliseconds } = await graph.run(feeds, { into: copied(into) });
      least[i] = Math.min(least[i] ?? Infinity, milliseconds);
    }
  }
  await Promise.all(graphs.map((graph) => graph.release()));
  return least;
}
