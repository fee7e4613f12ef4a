import { expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../src/engine/onnxruntime/engine.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { FrontEnd } from '../../src/model/front-end/front-end.ts';
import { residentBytes } from '../rig/processes.ts';
import { geometryOf, randomAdapter } from '../support/front-end.ts';

const mebibyte = 2 ** 20;

test('200 swaps with a frame after each leave the memory as it was', async () => {
  const geometry = geometryOf(224, 224, [1, 2], [1, 2], 'edge');
  const adapters = [closedForm(geometry, 'bicubic').weights, randomAdapter(1)] as const;
  await using engine = await onnxruntimeEngine({ device: 'cpu', threads: 2, workers: 2 });
  await using frontEnd = FrontEnd.on(engine, geometry);
  let pixels = new Uint8Array(3 * geometry.grid.width * geometry.grid.height).fill(77);
  const swap = async (times: number) => {
    for (let i = 0; i < times; i++) {
      const result = await frontEnd.run(pixels, adapters[i % 2 === 0 ? 0 : 1]);
      frontEnd.release(result.image);
      pixels = result.pixels;
    }
  };
  await swap(100);
  const before = residentBytes(process.pid);
  await swap(200);
  // A graph that were kept for each would be 10 MiB a time.
  expect((residentBytes(process.pid) - before) / mebibyte).toBeLessThan(60);
});
