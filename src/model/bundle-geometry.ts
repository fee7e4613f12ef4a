/** The geometry of a bundle: everything but the camera stands on its card. */
import type { Size } from '../domain/frame.ts';
import type { Card } from './card.ts';
import { geometryFor, type Geometry, type GeometryChoice } from './geometry.ts';
import { paddingFor } from './kernel.ts';

/** How the classifier of `card` sees a region of so many pixels. */
export function bundleGeometry(card: Card, region: Size, mode: Geometry['mode']): GeometryChoice {
  const { fit, fraction = 1, kernel } = card.resize;
  const input = { width: card.input.width, height: card.input.height };
  return geometryFor({ region, input, fit, cropFraction: fraction, mode, padding: paddingFor(kernel) });
}
