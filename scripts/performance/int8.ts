/**
 * Bundles in int8 beside the float ones they were made of: milliseconds a picture on one thread with one and with four
 * pictures at once, in turns, medians of the rounds, and the ratio. `npm run bench:int8 -- BUNDLE…`; what their cards say
 * of agreement and accuracy is printed with it.
 */
import { median } from '../../src/domain/median.ts';
import { onnxruntimeEngine } from '../../src/engine/onnxruntime/engine.ts';
import type { Graph } from '../../src/engine/engine.ts';
import { loadBundle, type Bundle } from '../../src/model/bundle.ts';
import { floatBundle } from '../../src/model/float-bundle.ts';
import { goldenInput } from '../../src/model/verify-bundle.ts';
import { percent } from '../../src/output/percent.ts';

const rounds = 25;
const names = process.argv.slice(2);
if (names.length === 0) throw new Error('name bundles that `edge-cls models quantize` has made');

await using engine = await onnxruntimeEngine({ device: 'cpu', threads: 1 });
for (const name of names) {
  const int8 = await loadBundle(name);
  const float = await floatBundle(int8);
  const graphs = await Promise.all([int8, float].map(({ modelPath }) => engine.load(modelPath)));
  const { agreement, accuracyBefore } = int8.card.int8 ?? {};
  console.log(`${int8.card.name}: agreement ${percent(agreement?.value ?? NaN)} of ${agreement?.images} pictures`);
  for (const { value } of int8.card.accuracy) {
    console.log(`  accuracy ${percent(value)}, in float ${percent(accuracyBefore ?? NaN)}`);
  }
  for (const batch of [1, 4]) {
    const [fast = NaN, slow = NaN] = await inTurns(graphs, float, batch);
    const times = `${fast.toFixed(1)} ms a picture, in float ${slow.toFixed(1)} ms`;
    console.log(`  batch ${batch}: ${times}, ratio ${(fast / slow).toFixed(2)}`);
  }
  for (const graph of graphs) await graph.release();
}

/** Milliseconds a picture, the first round left out. */
async function inTurns(graphs: readonly Graph[], { card: { input } }: Bundle, batch: number): Promise<number[]> {
  const { width, height } = input;
  const data = goldenInput('lcg', batch * 3 * width * height);
  const times = graphs.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, graph] of graphs.entries()) {
      const { milliseconds } = await graph.run({ [input.name]: { data, dims: [batch, 3, height, width] } });
      if (round > 0) times[i]?.push(milliseconds / batch);
    }
  }
  return times.map((ofGraph) => median(ofGraph));
}
