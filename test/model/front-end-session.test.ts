import { describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { FrontEndSession } from '../../src/model/front-end-session.ts';
import { cutTile, tilesOf } from '../../src/model/tiles.ts';
import { geometryOf, randomAdapter } from '../support/front-end.ts';
import { inlineEngine } from '../support/inline-engine.ts';

const geometry = geometryOf(2, 2, [1, 2], [1, 2], 'zero');
const pixels = () => new Uint8Array(3 * geometry.grid.width * geometry.grid.height);
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

describe('FrontEndSession', () => {
  test('a graph that could not be loaded is tried again with the next frame', async () => {
    const { fake, counts } = failing([0]);
    const session = new FrontEndSession(fake, geometry);
    const frame = pixels();
    await expect(session.run(frame, merged)).rejects.toThrow('no memory');
    expect(frame).toHaveLength(pixels().length);
    await expect(session.run(frame, merged)).resolves.toMatchObject({ image: expect.any(Float32Array) as unknown });
    await session[Symbol.asyncDispose]();
    expect(counts).toEqual({ loads: 2, open: 0 });
  });

  test('all graphs are released, whatever one says about it, and what was never loaded is nothing to release', async () => {
    const { fake, counts } = failing([2], () => {
      throw new Error('cannot be released');
    });
    const session = new FrontEndSession(fake, geometry);
    await session.run(pixels(), merged);
    await session.run(pixels(), twoConvolutions);
    expect(counts.open).toBe(2);
    await expect(session[Symbol.asyncDispose]()).rejects.toThrow(/2 resources could not be closed/);
    expect(counts.open).toBe(0);
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
    await using whole = new FrontEndSession(inlineEngine(), geometry, tiles);
    await using alone = new FrontEndSession(inlineEngine(), geometry);
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
