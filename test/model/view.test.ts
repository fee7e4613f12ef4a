import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseRegion, placeRegion } from '../../src/domain/region.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import type { Card } from '../../src/model/card.ts';
import { geometryKey } from '../../src/model/geometry.ts';
import { describeView, rectangleOf, viewOf, type ViewOptions } from '../../src/model/view.ts';

const { card: crops } = await loadBundle('efficientnet-lite0-imagenet');
const { card: stretches } = await loadBundle('inception-v3-cats-dogs');
const display = { width: 1280, height: 720 };

function seen(card: Card, options: Partial<ViewOptions> = {}) {
  const usual = { device: 'cpu', geometry: 'staged', view: 'auto', display, region: undefined } as const;
  return viewOf({ card, ...usual, sizesDiffer: false, ...options });
}

it('whole leaves nothing of the picture out, whatever its size and however the bundle was trained', () => {
  const side = fc.integer({ min: 1, max: 5000 });
  const modes = fc.constantFrom('native' as const, 'staged' as const);
  fc.assert(
    fc.property(side, side, modes, fc.constantFrom(crops, stretches), (width, height, geometry, card) => {
      const view = seen(card, { display: { width, height }, geometry, view: 'whole' });
      expect(rectangleOf(view, { width, height })).toEqual({ x: 0, y: 0, width, height });
    }),
  );
});

it('takes a region as it is named, of a video and of photographs, and does not crop it once more', () => {
  const side = fc.integer({ min: 1, max: 360 });
  fc.assert(
    fc.property(side, side, side, side, fc.boolean(), (x, y, width, height, sizesDiffer) => {
      const region = parseRegion([x + 1, y, width + 1, height].join(','));
      const view = seen(crops, { region, sizesDiffer });
      expect(rectangleOf(view, display)).toEqual(placeRegion(region, display));
    }),
  );
  const all = seen(crops, { region: parseRegion('0,0,1280,720') });
  expect(describeView(all, display)).toBe('the whole picture');
});

it('sees the centre as in training by default, and of a region where that is asked for', () => {
  expect(seen(crops, { sizesDiffer: true }).decoder.crop).toEqual({ centreShare: 0.875 });
  expect(seen(crops, { sizesDiffer: true, view: 'whole' }).decoder.crop).toBeUndefined();
  const centre = seen(crops);
  expect(rectangleOf(centre, display)).toEqual({ x: 325, y: 45, width: 630, height: 630 });
  expect(describeView(centre, display)).toBe('630x630 at 325,45 (43 % of the picture)');
  const inRegion = seen(crops, { view: 'centre', region: parseRegion('200,100,400,200') });
  expect(rectangleOf(inRegion, display)).toEqual({ x: 312, y: 112, width: 175, height: 175 });
});

it('an adapter of one view is not taken for the other, but a bundle that stretches sees the same in both', () => {
  const key = (card: Card, view: 'whole' | 'centre') => geometryKey(seen(card, { view }).choice.geometry);
  expect([key(crops, 'centre'), key(crops, 'whole')]).toEqual(['448x448-1.2-1.2-edge', '448x448-1.2-1.2-edge-whole']);
  expect(key(stretches, 'whole')).toBe(key(stretches, 'centre'));
  expect(seen(stretches, { view: 'centre' }).decoder.crop).toBeUndefined();
});
