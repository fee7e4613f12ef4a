import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseRegion, placeRegion } from '../../src/domain/region.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import type { Card } from '../../src/model/card.ts';
import { geometryKey } from '../../src/model/geometry.ts';
import {
  describeView,
  rectangleOf,
  rectanglesOf,
  viewOf,
  type ViewOptions,
  type ViewRequest,
} from '../../src/model/view.ts';

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
  expect(describeView(all, display)).toBe('all of 1280x720');
});

it('sees photographs as in training by default, and the centre of a video or a region where that is asked for', () => {
  expect(seen(crops, { sizesDiffer: true }).decoder.crop).toEqual({ centreShare: 0.875 });
  expect(seen(crops, { sizesDiffer: true, view: 'whole' }).decoder.crop).toBeUndefined();
  const centre = seen(crops, { view: 'centre' });
  expect(rectangleOf(centre, display)).toEqual({ x: 325, y: 45, width: 630, height: 630 });
  expect(describeView(centre, display)).toBe('the middle 630x630 of 1280x720 (43 %)');
  const inRegion = seen(crops, { view: 'centre', region: parseRegion('200,100,400,200') });
  expect(rectangleOf(inRegion, display)).toEqual({ x: 312, y: 112, width: 175, height: 175 });
});

describe('tiles', () => {
  test('are what is seen of a video by default: two squares of 16:9, which overlap', () => {
    for (const card of [crops, stretches]) {
      const view = seen(card);
      expect(view.view).toBe('tiles');
      expect(describeView(view, display)).toBe('all of 1280x720, in 2 parts of 720x720');
      expect(rectanglesOf(view, display)).toEqual([
        { x: 0, y: 0, width: 720, height: 720 },
        { x: 560, y: 0, width: 720, height: 720 },
      ]);
    }
    expect(seen(crops).decoder).toEqual({ grid: { width: 796, height: 448 }, crop: undefined, scaler: 'bicubic' });
  });

  test('leave nothing out of a picture of any shape, and are as large as the grid', () => {
    const side = fc.integer({ min: 30, max: 5000 });
    const modes = fc.constantFrom('native' as const, 'staged' as const);
    fc.assert(
      fc.property(side, side, modes, fc.constantFrom(crops, stretches), (width, height, geometry, card) => {
        fc.pre(Math.max(width, height) <= 4 * Math.min(width, height));
        const { tiles, choice } = seen(card, { display: { width, height }, geometry, view: 'tiles' });
        if (!tiles) {
          expect(Math.max(width, height) / Math.min(width, height)).toBeLessThanOrEqual(1.02);
          return;
        }
        const { grid } = choice.geometry;
        const along = width > height ? ('x' as const) : ('y' as const);
        const [length, whole] = along === 'x' ? [grid.width, tiles.sheet.width] : [grid.height, tiles.sheet.height];
        const starts = tiles.corners.map((corner) => corner[along]);
        expect([starts[0], (starts.at(-1) ?? 0) + length]).toEqual([0, whole]);
        starts.slice(1).forEach((start, i) => expect(start).toBeLessThanOrEqual((starts[i] ?? 0) + length));
        expect(along === 'x' ? tiles.sheet.height - grid.height : tiles.sheet.width - grid.width).toBe(0);
      }),
    );
  });

  test('are of a region where that is asked for, which is seen whole else', () => {
    const region = parseRegion('200,100,600,300');
    expect(seen(crops, { region }).view).toBe('whole');
    const view = seen(crops, { region, view: 'tiles' });
    expect(view.decoder).toMatchObject({ crop: { x: 200, y: 100, width: 600, height: 300 } });
    expect(rectanglesOf(view, display)).toEqual([
      { x: 200, y: 100, width: 300, height: 300 },
      { x: 500, y: 100, width: 300, height: 300 },
    ]);
  });

  test('are four at most: a longer picture is seen whole, and refused where tiles are asked for', () => {
    const long = { width: 4010, height: 1000 };
    expect(seen(crops, { display: long }).view).toBe('whole');
    expect(() => seen(crops, { display: long, view: 'tiles' })).toThrow(
      'the view tiles must take 4 at most, but 4010x1000 takes 5: name a region, or take whole',
    );
    expect(seen(crops, { display: { width: 4000, height: 1000 } }).tiles?.corners).toHaveLength(4);
  });

  test('of photographs that differ in size are refused; a square is seen in one', () => {
    expect(() => seen(crops, { sizesDiffer: true, view: 'tiles' })).toThrow(/must be of a video or a camera/);
    const square = seen(crops, { display: { width: 724, height: 720 } });
    expect([square.view, square.tiles]).toEqual(['whole', undefined]);
  });

  test('for a fit are the one in the middle, of the same geometry', () => {
    for (const geometry of ['native', 'staged', 'direct'] as const) {
      const [all, middle] = [seen(crops, { geometry }), seen(crops, { geometry, single: true })];
      expect(rectanglesOf(middle, display)).toEqual([{ x: 280, y: 0, width: 720, height: 720 }]);
      expect(middle.choice.geometry).toEqual(all.choice.geometry);
      expect(middle.decoder.grid).toEqual(all.choice.geometry.grid);
    }
  });
});

it('an adapter of one view is not taken for another, but a bundle that stretches sees the same in whole and centre', () => {
  const key = (card: Card, view: ViewRequest) => geometryKey(seen(card, { view }).choice.geometry);
  expect([key(crops, 'centre'), key(crops, 'whole')]).toEqual(['448x448-1.2-1.2-edge', '448x448-1.2-1.2-edge-whole']);
  expect(key(stretches, 'whole')).toBe(key(stretches, 'centre'));
  // In the proportions of training, only a little larger or smaller.
  expect(key(crops, 'tiles')).toBe(key(crops, 'centre'));
  expect(seen(stretches, { view: 'centre' }).decoder.crop).toBeUndefined();
});
