/** A picture as overlapping parts with the classifier's proportions, which together leave nothing of it out. */
import { sizeText, type Rectangle, type Size } from '../domain/frame.ts';

export interface Tiles {
  /** The whole picture at the scale of the tiles, pixels: what the decoder delivers. */
  readonly sheet: Size;
  /** Where each begins in the sheet; all are as large as the geometry's grid. */
  readonly corners: readonly Corner[];
}

export interface Corner {
  readonly x: number;
  readonly y: number;
}

/** What is longer than a tile by no more than this is stretched by as little. */
const slack = 0.02;

/** How many it takes to cover a part of a picture. */
export function tileCount(part: Size, input: Size): number {
  const across = (part.width * input.height) / (part.height * input.width);
  const length = Math.max(across, 1 / across);
  return length <= 1 + slack ? 1 : Math.ceil(length - 1e-9);
}

/**
 * @param tile - the largest rectangle with the classifier's proportions in `part`, both in pixels of the picture
 * @param grid - what the front end takes of a tile, pixels
 */
export function tilesOf(part: Size, tile: Size, grid: Size): Tiles {
  const sheet = {
    width: Math.round((grid.width * part.width) / tile.width),
    height: Math.round((grid.height * part.height) / tile.height),
  };
  const count = Math.ceil(Math.max(sheet.width / grid.width, sheet.height / grid.height));
  const place = (i: number, room: number) => (count === 1 ? 0 : Math.round((room * i) / (count - 1)));
  const corners = Array.from({ length: count }, (_, i) => ({
    x: place(i, sheet.width - grid.width),
    y: place(i, sheet.height - grid.height),
  }));
  return { sheet, corners };
}

/** Where they lie in the picture, of which `part` is the sheet. */
export function tileRectangles({ sheet, corners }: Tiles, grid: Size, part: Rectangle): Rectangle[] {
  const [x, y] = [part.width / sheet.width, part.height / sheet.height];
  return corners.map((corner) => ({
    x: part.x + Math.round(corner.x * x),
    y: part.y + Math.round(corner.y * y),
    width: Math.round(grid.width * x),
    height: Math.round(grid.height * y),
  }));
}

/** Equal for those that are cut in the same way. */
export function tilesKey({ sheet, corners }: Tiles): string {
  return `${sizeText(sheet)}:${corners.map(({ x, y }) => `${x},${y}`).join(';')}`;
}

/** Copies one out of a sheet, planar uint8 [3, height, width], into [3, grid height, grid width]. */
export function cutTile(
  pixels: Uint8Array,
  { sheet, corners }: Tiles,
  index: number,
  grid: Size,
  into: Uint8Array,
): void {
  const { x, y } = corners[index] ?? { x: 0, y: 0 };
  for (let plane = 0; plane < 3; plane++) {
    for (let row = 0; row < grid.height; row++) {
      const from = (plane * sheet.height + y + row) * sheet.width + x;
      into.set(pixels.subarray(from, from + grid.width), (plane * grid.height + row) * grid.width);
    }
  }
}
