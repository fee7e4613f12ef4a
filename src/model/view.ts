/** How a bundle sees a camera's picture: the one place where view, region, geometry and decoder are decided together. */
import type { Rectangle, Size } from '../domain/frame.ts';
import { placeRegion, type Region } from '../domain/region.ts';
import type { Device } from '../engine/engine.ts';
import type { Card } from './card.ts';
import { chooseGeometry } from './choose-geometry.ts';
import { decoderSettings, type DecoderSettings } from './decoder-settings.ts';
import { sizeText, type Geometry, type GeometryChoice } from './geometry.ts';

/** `whole`: nothing of the picture or the region is left out; `centre`: as photographs were cropped in training. */
export const views = ['auto', 'whole', 'centre'] as const;

export type ViewRequest = (typeof views)[number];

export interface ViewOptions {
  readonly card: Card;
  readonly device: Device;
  readonly geometry: 'auto' | Geometry['mode'];
  /**
   * `auto`: a region that the user named is whole; else the centre, as neither sees more in all places: whole sees
   * what is at the edges, but all of it smaller.
   */
  readonly view: ViewRequest;
  /** Upright size of the pictures, square pixels. */
  readonly display: Size;
  /** The part of the picture that is classified; all of it by default. */
  readonly region: Region | undefined;
  /** Photographs of a folder, which differ in size; else the frames of a camera or a video. */
  readonly sizesDiffer: boolean;
}

export interface View {
  readonly view: 'whole' | 'centre';
  readonly choice: GeometryChoice;
  readonly decoder: DecoderSettings;
  /** How all of what is looked at comes to the classifier's size. */
  readonly resize: Card['resize'];
}

/** Throws a UsageError for a region that does not lie in the picture. */
export function viewOf({ card, device, geometry, view: asked, display, region, sizesDiffer }: ViewOptions): View {
  const placed = region && placeRegion(region, display);
  const view = asked === 'auto' ? (region ? 'whole' : 'centre') : asked;
  const seen = view === 'whole' ? seenWhole(card) : card;
  const { geometry: seenGeometry, ...choice } = chooseGeometry(geometry, device, seen, placed ?? display);
  return {
    view,
    choice: { ...choice, geometry: seen === card ? seenGeometry : { ...seenGeometry, view: 'whole' } },
    decoder: decoderSettings(seen, { ...choice, geometry: seenGeometry }, { region: placed, sizesDiffer }),
    resize: seen.resize,
  };
}

/**
 * Of a bundle that crops all is stretched to the classifier's proportions: padded, the subject would be smaller still.
 * A bundle that stretches sees all as it is.
 */
function seenWhole(card: Card): Card {
  return card.resize.fit === 'stretch' ? card : { ...card, resize: { fit: 'stretch', kernel: card.resize.kernel } };
}

/** What is looked at of a picture of this size, in words. */
export function describeView({ decoder: { crop } }: Pick<View, 'decoder'>, display: Size): string {
  if (crop === undefined) return 'the whole picture';
  if ('centreShare' in crop) {
    return crop.centreShare === 1 ? 'the centre' : `the centre, ${percent(crop.centreShare)} of what fits`;
  }
  const { x, y, width, height } = crop;
  const share = (width * height) / (display.width * display.height);
  return share === 1 ? 'the whole picture' : `${sizeText(crop)} at ${x},${y} (${percent(share)} of the picture)`;
}

/** What is looked at, pixels of a picture of this size; undefined where pictures differ in size. */
export function rectangleOf({ decoder: { crop } }: Pick<View, 'decoder'>, display: Size): Rectangle | undefined {
  if (crop === undefined) return { x: 0, y: 0, ...display };
  return 'centreShare' in crop ? undefined : crop;
}

/** Rounded down: what is left out is never called all. */
function percent(share: number): string {
  return `${Math.max(1, Math.floor(100 * share))} %`;
}
