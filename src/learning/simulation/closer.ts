/** Few pictures as many views: each cut out somewhere else, from nearer, or in a mirror. */
import type { Size } from '../../domain/frame.ts';
import { allOf, storedFrames, type FrameSet } from '../data/frame-set.ts';
import { seededRandom } from '../random.ts';

/** Enlargements from this to twice this, evenly over their logarithms. */
const leastZoom = 1.25;

/**
 * A view of each picture, of the same size, enlarged 1.25 to 2.5 times by linear interpolation and as often as not
 * mirrored; which part is decided by the seed. Enlarged details are coarser: what learns on them must smooth more.
 * The caller disposes of the set.
 */
export function closer(pictures: Pick<FrameSet, 'grid' | 'read' | 'length'>, seed: number): Promise<FrameSet> {
  const { width, height } = pictures.grid;
  async function* views() {
    for (const index of allOf(pictures)) {
      const { uniform } = seededRandom(seed, index);
      const zoom = leastZoom * 2 ** uniform();
      const across = samples(width, zoom, uniform());
      const down = samples(height, zoom, uniform());
      const columns = uniform() < 0.5 ? across : across.toReversed();
      yield resampled(await pictures.read(index), pictures.grid, columns, down);
    }
  }
  return storedFrames(pictures.grid, views());
}

/** Between two neighbouring pixels, how near to the second. */
interface Sample {
  readonly first: number;
  readonly second: number;
  readonly share: number;
}

/** Of one side: a window of side / zoom pixels, `place` from 0 at the start to 1 at the end. */
function samples(side: number, zoom: number, place: number): readonly Sample[] {
  const start = place * (side - side / zoom);
  return Array.from({ length: side }, (_, i) => {
    const at = Math.min(side - 1, Math.max(0, start + (i + 0.5) / zoom - 0.5));
    const first = Math.floor(at);
    return { first, second: Math.min(side - 1, first + 1), share: at - first };
  });
}

function resampled(
  picture: Uint8Array,
  { width, height }: Size,
  columns: readonly Sample[],
  rows: readonly Sample[],
): Uint8Array {
  const result = new Uint8Array(picture.length);
  for (let plane = 0; plane < 3; plane++) {
    for (const [y, row] of rows.entries()) {
      const upper = (plane * height + row.first) * width;
      const lower = (plane * height + row.second) * width;
      const to = (plane * height + y) * width;
      for (const [x, { first, second, share }] of columns.entries()) {
        const above = (picture[upper + first] ?? 0) * (1 - share) + (picture[upper + second] ?? 0) * share;
        const below = (picture[lower + first] ?? 0) * (1 - share) + (picture[lower + second] ?? 0) * share;
        result[to + x] = Math.round(above * (1 - row.share) + below * row.share);
      }
    }
  }
  return result;
}
