/** Which of a bundle's geometries a device takes. */
import type { Size } from '../domain/frame.ts';
import type { Device } from '../engine/engine.ts';
import { bundleGeometry } from './bundle-geometry.ts';
import type { Card } from './card.ts';
import { mergedMacs, type GeometryChoice, type RequestedMode } from './geometry.ts';

/**
 * How the classifier of `card` sees a region of so many pixels. `auto`: a GPU has the arithmetic to
 * see all pixels; a CPU takes what costs least, which is `staged` from about 2× on.
 */
export function chooseGeometry(mode: RequestedMode, device: Device, card: Card, region: Size): GeometryChoice {
  if (mode !== 'auto') return bundleGeometry(card, region, mode);
  const native = bundleGeometry(card, region, 'native');
  const staged = bundleGeometry(card, region, 'staged');
  return device !== 'cpu' || cheapestMacs(native) < cheapestMacs(staged) ? native : staged;
}

function cheapestMacs({ macs, geometry }: GeometryChoice): number {
  return Math.min(macs, mergedMacs(geometry));
}
