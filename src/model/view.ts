/** How a bundle sees a camera's picture: the one place where view, region, geometry and decoder are decided together. */
import { UsageError } from '../domain/errors.ts';
import { sizeText, type Rectangle, type Size } from '../domain/frame.ts';
import { placeRegion, type Region } from '../domain/region.ts';
import type { Device } from '../engine/engine.ts';
import type { Card } from './card.ts';
import { chooseGeometry } from './choose-geometry.ts';
import { decoderSettings, type DecoderSettings } from './decoder-settings.ts';
import type { Geometry, GeometryChoice, RequestedMode } from './geometry.ts';
import { tileCount, tileRectangles, tilesOf, type Tiles } from './tiles.ts';

/**
 * `tiles`: nothing of the picture or the region is left out, in overlapping parts with the classifier's proportions;
 * `whole`: nothing is left out, in one; `centre`: as photographs were cropped in training.
 */
export const views = ['auto', 'tiles', 'whole', 'centre'] as const;

/** Each costs as much as a frame. */
const mostTiles = 4;

export type ViewRequest = (typeof views)[number];

export interface ViewOptions {
  readonly card: Card;
  readonly device: Device;
  readonly geometry: RequestedMode;
  /**
   * `auto`: tiles for a camera or a video, which see what is small and at the edges (docs/views.md); a region that the
   * user named is whole, and photographs are seen as in training.
   */
  readonly view: ViewRequest;
  /** Upright size of the pictures, square pixels. */
  readonly display: Size;
  /** The part of the picture that is classified; all of it by default. */
  readonly region: Region | undefined;
  /** Photographs of a folder, which differ in size; else the frames of a camera or a video. */
  readonly sizesDiffer: boolean;
  /** One image of each picture, for fits and evaluations: of tiles the one in the middle. */
  readonly single?: boolean;
}

export interface View {
  readonly view: 'tiles' | 'whole' | 'centre';
  readonly choice: GeometryChoice;
  /** Where a picture is seen in more than one. */
  readonly tiles?: Tiles;
  readonly decoder: DecoderSettings;
  /** How all of what is looked at comes to the classifier's size. */
  readonly resize: Card['resize'];
}

/** Throws a UsageError for a region that does not lie in the picture, and where tiles are asked for that cannot be. */
export function viewOf(options: ViewOptions): View {
  const { card, device, geometry: mode, display, region, sizesDiffer, single = false } = options;
  const placed = region && placeRegion(region, display);
  const part = placed ?? { x: 0, y: 0, ...display };
  const view = viewNamed(options, part);
  const seen = { ...card, resize: resizeOf(view, card) };
  const { geometry, ...choice } = chooseGeometry(mode, device, seen, part);
  const decoder = decoderSettings(seen, { ...choice, geometry }, { region: placed, sizesDiffer });
  const common = { view, choice: { ...choice, geometry: marked(geometry, view, card) }, decoder, resize: seen.resize };
  if (view !== 'tiles' || single) return common;
  const tiles = tilesOf(part, choice.crop, geometry.grid);
  return {
    ...common,
    choice: { ...common.choice, macs: tiles.corners.length * choice.macs },
    tiles,
    decoder: { ...decoder, grid: tiles.sheet, crop: placed },
  };
}

function viewNamed({ view, card, region, sizesDiffer, single }: ViewOptions, part: Size): View['view'] {
  if (view === 'whole' || view === 'centre' || (view === 'tiles' && single === true)) return view;
  if (view === 'auto' && (region !== undefined || sizesDiffer)) return region ? 'whole' : 'centre';
  if (sizesDiffer)
    throw new UsageError('the view tiles must be of a video or a camera, not of photographs: take whole');
  const count = tileCount(part, card.input);
  if (count <= mostTiles) return count === 1 ? 'whole' : 'tiles';
  if (view === 'auto') return 'whole';
  throw new UsageError(
    `the view tiles must take ${mostTiles} at most, but ${sizeText(part)} takes ${count}: name a region, or take whole`,
  );
}

/**
 * Whole, of a bundle that crops all is stretched to the classifier's proportions: padded, the subject would be smaller
 * still. A bundle that stretches sees all as it is.
 */
function resizeOf(view: View['view'], { resize }: Card): Card['resize'] {
  if (view === 'tiles') return { fit: 'crop', fraction: 1, kernel: resize.kernel };
  return view === 'centre' || resize.fit === 'stretch' ? resize : { fit: 'stretch', kernel: resize.kernel };
}

/** With what tells that other proportions are seen than in training. */
function marked(geometry: Geometry, view: View['view'], { resize: { fit } }: Card): Geometry {
  return view === 'whole' && fit === 'crop' ? { ...geometry, view: 'whole' } : geometry;
}

/** What is looked at of a picture of this size, in words. */
export function describeView(view: Pick<View, 'decoder' | 'tiles' | 'choice'>, display: Size): string {
  const { crop } = view.decoder;
  if (crop !== undefined && 'centreShare' in crop) {
    return crop.centreShare === 1 ? 'the centre' : `the centre, ${percent(crop.centreShare)} of what fits`;
  }
  const { x, y, width, height } = crop ?? { x: 0, y: 0, ...display };
  const share = (width * height) / (display.width * display.height);
  const isMiddle = Math.abs(2 * x + width - display.width) <= 2 && Math.abs(2 * y + height - display.height) <= 2;
  const size = sizeText({ width, height });
  const place = isMiddle ? `the middle ${size}` : `${size} at ${x},${y}`;
  const part = share === 1 ? `all of ${size}` : `${place} of ${sizeText(display)} (${percent(share)})`;
  const [first, ...others] = view.tiles ? rectanglesOf(view, display) : [];
  return first ? `${part}, in ${1 + others.length} parts of ${sizeText(first)}` : part;
}

/** What is looked at, pixels of a picture of this size: each part where there are several, none where pictures differ. */
export function rectanglesOf(
  { decoder, tiles, choice }: Pick<View, 'decoder' | 'tiles' | 'choice'>,
  display: Size,
): Rectangle[] {
  const rectangle = rectangleOf({ decoder }, display);
  if (!rectangle) return [];
  return tiles ? tileRectangles(tiles, choice.geometry.grid, rectangle) : [rectangle];
}

/** All of what is looked at, pixels of a picture of this size; undefined where pictures differ in size. */
export function rectangleOf({ decoder: { crop } }: Pick<View, 'decoder'>, display: Size): Rectangle | undefined {
  if (crop === undefined) return { x: 0, y: 0, ...display };
  return 'centreShare' in crop ? undefined : crop;
}

/** Rounded down: what is left out is never called all. */
function percent(share: number): string {
  return `${Math.max(1, Math.floor(100 * share))} %`;
}
