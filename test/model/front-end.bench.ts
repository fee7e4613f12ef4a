/**
 * Milliseconds per frame of the front end, one thread, medians of interleaved runs:
 * whole, in strips, and the merged form. `npx tsx test/model/front-end.bench.ts`
 */
import { median } from '../../src/domain/median.ts';
import type { Tensors } from '../../src/engine/engine.ts';
import { toTensors } from '../../src/model/adapter.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { frontEndModel, mergedFrontEndModel } from '../../src/model/front-end.ts';
import { geometryKey, type Geometry } from '../../src/model/geometry.ts';
import { mergeAdapter } from '../../src/model/merge-adapter.ts';
import { geometryOf } from '../support/front-end.ts';
import { inlineEngine } from '../support/inline-engine.ts';

const rounds = 25;

const geometries = [
  geometryOf(150, 150, [1, 2], [1, 2], 'zero'),
  geometryOf(150, 150, [1, 2], [1, 2], 'edge'),
  geometryOf(150, 150, [2, 2], [2, 2], 'zero'),
  geometryOf(150, 150, [7, 1], [7, 1], 'zero'),
  geometryOf(150, 150, [6, 2], [7, 1], 'zero'),
  geometryOf(150, 150, [7, 2], [7, 2], 'zero'),
  geometryOf(150, 150, [7, 3], [7, 2], 'zero'),
];

interface Variant {
  readonly name: string;
  readonly model: Uint8Array;
  readonly weights: Tensors;
}

function variants(geometry: Geometry): readonly Variant[] {
  const { weights } = closedForm(geometry, geometry.padding === 'edge' ? 'bicubic' : 'area');
  const merged = mergeAdapter(weights, geometry);
  return [
    { name: 'whole', model: frontEndModel({ geometry, stripBytes: Infinity }), weights: toTensors(weights) },
    { name: 'strips', model: frontEndModel({ geometry }), weights: toTensors(weights) },
    ...(merged === undefined ? [] : [{ name: 'merged', model: mergedFrontEndModel({ geometry }), weights: merged }]),
  ];
}

for (const geometry of geometries) {
  const { width, height } = geometry.grid;
  const pixels = { data: new Uint8Array(3 * width * height).fill(99), dims: [1, 3, height, width] };
  const runs = await Promise.all(
    variants(geometry).map(async (variant) => {
      return { ...variant, graph: await inlineEngine(1).load(variant.model), times: [] as number[] };
    }),
  );
  for (let round = 0; round < rounds; round++) {
    for (const { graph, weights, times } of runs) {
      times.push((await graph.run({ pixels, ...weights })).milliseconds);
    }
  }
  const medians = runs.map(({ name, times }) => {
    return `${name} ${median(times).toFixed(1)}`;
  });
  console.log(`${geometryKey(geometry)}: ${medians.join(', ')}`);
  await Promise.all(runs.map(({ graph }) => graph.release()));
}
