/** One sheet of pixels to a batch of tiles, as bytes. */
import { int, int64s, node } from '../../onnx/build.ts';
import type { Geometry } from '../geometry.ts';
import type { Tiles } from '../tiles.ts';
import type { Piece } from './piece.ts';

export function cutTiles({ grid }: Geometry, { corners }: Tiles): Piece {
  const cuts = corners.map(({ x, y }, i) => {
    const name = `tile${i}`;
    return {
      name,
      node: node('Slice', ['pixels', `${name}.from`, `${name}.to`, 'tileAxes'], [name]),
      bounds: [int64s(`${name}.from`, [y, x]), int64s(`${name}.to`, [y + grid.height, x + grid.width])],
    };
  });
  const names = cuts.map(({ name }) => name);
  return {
    output: 'tiles',
    nodes: [...cuts.map((cut) => cut.node), node('Concat', names, ['tiles'], { axis: int(0) })],
    initializers: [int64s('tileAxes', [2, 3]), ...cuts.flatMap(({ bounds }) => bounds)],
  };
}
