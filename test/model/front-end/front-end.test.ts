import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import type { AdapterWeights } from '../../../src/model/adapter.ts';
import { closedForm } from '../../../src/model/closed-form.ts';
import { FrontEnd } from '../../../src/model/front-end/front-end.ts';
import type { FrontEndResult } from '../../../src/model/front-end/session.ts';
import { cutTile, tilesOf } from '../../../src/model/tiles.ts';
import { geometryOf, randomAdapter } from '../../support/front-end.ts';
import { inlineEngine } from '../../support/inline-engine.ts';

const geometry = geometryOf(2, 2, [1, 2], [1, 2], 'zero');
const pixels = () => new Uint8Array(3 * geometry.grid.width * geometry.grid.height).fill(100);
const [merged, twoConvolutions] = [closedForm(geometry, 'area').weights, randomAdapter(1)];

/** Fails the loads of the given numbers, from 0, and counts the graphs that are loaded. */
function failing(loads: readonly number[], onRelease: () => void = () => undefined) {
  const engine = inlineEngine();
  const counts = { loads: 0, open: 0 };
  const fake: Engine = {
    ...engine,
    load: async (model) => {
      if (loads.includes(counts.loads++)) throw new Error('no memory for the graph');
      const graph = await engine.load(model);
      counts.open++;
      return {
        ...graph,
        release: async () => {
          counts.open--;
          await graph.release();
          onRelease();
        },
      };
    },
  };
  return { fake, counts };
}

describe('a front end', () => {
  test('whose graph could not be loaded tries again with the next frame', async () => {
    const { fake, counts } = failing([0]);
    const frontEnd = FrontEnd.on(fake, geometry);
    const frame = pixels();
    await expect(frontEnd.run(frame, merged)).rejects.toThrow('no memory');
    expect(frame).toHaveLength(pixels().length);
    await expect(frontEnd.run(frame, merged)).resolves.toMatchObject({ image: expect.any(Float32Array) as unknown });
    await frontEnd[Symbol.asyncDispose]();
    expect(counts).toEqual({ loads: 2, open: 0 });
  });

  test('is given back whole, whatever a graph says about its release', async () => {
    const { fake, counts } = failing([2], () => {
      throw new Error('cannot be released');
    });
    const frontEnd = FrontEnd.on(fake, geometry);
    await frontEnd.run(pixels(), merged);
    await frontEnd.run(pixels(), twoConvolutions);
    await expect(frontEnd.run(pixels(), randomAdapter(2))).rejects.toThrow('no memory');
    await expect(frontEnd[Symbol.asyncDispose]()).rejects.toThrow(/2 resources could not be closed/);
    expect(counts.open).toBe(0);
  });

  test('gives an image back to its session', async () => {
    const { frontEnd, next, spare } = handOperated();
    const result = frontEnd.run(pixels(), named(1));
    next();
    await settled();
    next();
    const { image } = await result;
    frontEnd.release(image);
    await settled();
    expect(spare).toEqual([image]);
    await frontEnd[Symbol.asyncDispose]();
  });

  const wide = tilesOf({ width: 40, height: 10 }, { width: 10, height: 10 }, geometry.grid);
  const tall = tilesOf({ width: 3, height: 4 }, { width: 3, height: 3 }, geometry.grid);

  test.each([
    ['one convolution, four in a row', wide, merged],
    ['two convolutions, four in a row', wide, twoConvolutions],
    ['two, one above the other', tall, twoConvolutions],
  ])('each tile of a sheet is seen as it would be alone: %s', async (_, tiles, adapter) => {
    const { sheet, corners } = tiles;
    const { grid } = geometry;
    const picture = Uint8Array.from({ length: 3 * sheet.width * sheet.height }, (_, i) => (i * 7919) % 251);
    await using whole = FrontEnd.on(inlineEngine(), geometry, tiles);
    await using alone = FrontEnd.on(inlineEngine(), geometry);
    const expected: number[] = [];
    for (const { x, y } of corners) {
      const tile = Uint8Array.from(pixels(), (_, i) => {
        const [plane, row, column] = [
          Math.floor(i / (grid.width * grid.height)),
          Math.floor(i / grid.width) % grid.height,
          i % grid.width,
        ];
        return picture[(plane * sheet.height + y + row) * sheet.width + x + column]!;
      });
      const cut = new Uint8Array(tile.length);
      cutTile(
        picture,
        tiles,
        corners.findIndex((corner) => corner.x === x && corner.y === y),
        grid,
        cut,
      );
      expect(cut).toEqual(tile);
      expected.push(...(await alone.run(tile, adapter)).image);
    }
    expect(whole.images).toBe(corners.length);
    expect((await whole.run(picture.slice(), adapter)).image).toBeAllClose(expected, { atol: 1e-6 });
  });
});

/** Sessions that answer when they are told to; what each makes is the first value of its adapter. */
function handOperated() {
  const open = new Set<number>();
  const counts = { taken: 0, most: 0 };
  const waiting: (() => void)[] = [];
  const spare: Float32Array[] = [];
  const later = <T>(value: () => T) => new Promise<T>((resolve) => waiting.push(() => resolve(value())));
  const frontEnd = new FrontEnd(geometry, undefined, async ({ conv1Bias }) => {
    const number = counts.taken++;
    await later(() => undefined);
    open.add(number);
    counts.most = Math.max(counts.most, open.size);
    const run = (frame: Uint8Array<ArrayBuffer>): Promise<FrontEndResult> => {
      if (!open.has(number)) throw new Error('it was given back before');
      return later(() => ({ image: Float32Array.of(conv1Bias[0]!), pixels: frame, milliseconds: 0 }));
    };
    return {
      value: { run, release: (image) => void spare.push(image) },
      [Symbol.asyncDispose]: () => Promise.resolve(void open.delete(number)),
    };
  });
  return { frontEnd, open, counts, next: () => waiting.shift()?.(), waiting, spare };
}

const named = (value: number): AdapterWeights => ({ ...merged, conv1Bias: new Float32Array(3).fill(value) });
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a swap of the adapter', () => {
  test('takes the new session beside the old one, which goes when its last frame is through', async () => {
    const { frontEnd, open, next, waiting } = handOperated();
    const before = frontEnd.run(pixels(), named(1));
    next();
    await settled();
    const after = frontEnd.run(pixels(), named(2));
    expect(waiting).toHaveLength(2);
    // The new one is there, the old one's frame is under way still.
    waiting.pop()?.();
    await settled();
    expect([...open]).toEqual([0, 1]);
    next();
    expect((await before).image).toEqual(Float32Array.of(1));
    await settled();
    expect([...open]).toEqual([1]);
    next();
    expect((await after).image).toEqual(Float32Array.of(2));
    await frontEnd[Symbol.asyncDispose]();
    expect(open.size).toBe(0);
  });

  test('loses no frame and keeps two sessions at most, 200 times', async () => {
    const { frontEnd, open, counts, next, waiting } = handOperated();
    const adapters = Array.from({ length: 200 }, (_, i) => named(i));
    const images: Promise<FrontEndResult>[] = [];
    for (const adapter of adapters) {
      for (let frame = 0; frame < 3; frame++) images.push(frontEnd.run(pixels(), adapter));
      next();
      await settled();
      for (let frame = 0; frame < 3; frame++) next();
      await settled();
    }
    while (waiting.length > 0) next();
    const results = (await Promise.all(images)).map(({ image }) => image[0]);
    expect(results).toEqual(adapters.flatMap((_, i) => [i, i, i]));
    expect(counts).toEqual({ taken: 200, most: 2 });
    expect(open.size).toBe(1);
    await frontEnd[Symbol.asyncDispose]();
    expect(open.size).toBe(0);
  });
});
