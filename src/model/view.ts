/** How a bundle sees a camera's picture: the one place where region, geometry and decoder are decided together. */
import type { Size } from '../domain/frame.ts';
import { placeRegion, type Region } from '../domain/region.ts';
import type { Device } from '../engine/engine.ts';
import type { Card } from './card.ts';
import { chooseGeometry } from './choose-geometry.ts';
import { decoderSettings, type DecoderSettings } from './decoder-settings.ts';
import type { Geometry, GeometryChoice } from './geometry.ts';

export interface ViewOptions {
  readonly card: Card;
  readonly device: Device;
  readonly geometry: 'auto' | Geometry['mode'];
  /** Upright size of the pictures, square pixels. */
  readonly display: Size;
  /** The part of the picture that is classified; all of it by default. */
  readonly region: Region | undefined;
  /** Pictures of a folder differ in size. */
  readonly sizesDiffer: boolean;
}

export interface View {
  readonly choice: GeometryChoice;
  readonly decoder: DecoderSettings;
}

/** Throws a UsageError for a region that does not lie in the picture. */
export function viewOf({ card, device, geometry, display, region, sizesDiffer }: ViewOptions): View {
  const placed = region && placeRegion(region, display);
  const choice = chooseGeometry(geometry, device, card, placed ?? display);
  return { choice, decoder: decoderSettings(card, choice, { region: placed, sizesDiffer }) };
}
