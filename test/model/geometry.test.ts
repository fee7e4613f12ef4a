import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/domain/errors.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { compositeOf } from '../../src/model/front-end/composite.ts';
import { geometryFor, geometryKey, type GeometryRequest } from '../../src/model/geometry.ts';
import { parseResolution } from '../../src/model/resolution.ts';

const square = (side: number) => ({ width: side, height: side });
const native = { input: square(150), mode: 'native' } as const;

describe('the rule at 150', () => {
  it.each([
    // resolution, fit, x: strides, residual; y: strides, residual
    ['300x300', 'stretch', [1, 2], 1, [1, 2], 1],
    ['480p', 'crop', [3, 1], 1.067, [3, 1], 1.067],
    ['720p', 'crop', [2, 2], 1.2, [2, 2], 1.2],
    ['1080p', 'crop', [7, 1], 1.029, [7, 1], 1.029],
    ['1440p', 'crop', [4, 2], 1.2, [4, 2], 1.2],
    ['4k', 'crop', [7, 2], 1.029, [7, 2], 1.029],
    ['1080p', 'stretch', [6, 2], 1.067, [7, 1], 1.029],
    ['720p', 'stretch', [4, 2], 1.067, [2, 2], 1.2],
    ['4k', 'stretch', [7, 3], 1.219, [7, 2], 1.029],
    ['100x75', 'stretch', [1, 1], 0.667, [1, 1], 0.5],
  ] as const)('%s, %s', (resolution, fit, x, residualX, y, residualY) => {
    const { geometry, residual } = geometryFor({ ...native, region: parseResolution(resolution), fit });
    expect(geometry.strides).toEqual({ x, y });
    expect(geometry.grid).toEqual({ width: 150 * x[0] * x[1], height: 150 * y[0] * y[1] });
    expect([residual.x, residual.y]).toBeAllClose([residualX, residualY], { atol: 5e-4, rtol: 0 });
  });

  it.each([
    ['1050x1050', 11.74e6],
    ['300x300', 41.51e6],
    ['4k', 41.51e6],
  ])('costs of %s follow the output', (resolution, macs) => {
    const choice = geometryFor({ ...native, region: parseResolution(resolution), fit: 'crop' });
    expect([choice.macs]).toBeAllClose([macs], { rtol: 1e-3 });
  });
});

it('crops as the card says: a share of the short side, centred, with the aspect of the input', () => {
  const request = { region: { width: 1920, height: 1080 }, input: square(224), fit: 'crop', mode: 'native' } as const;
  const { crop, geometry } = geometryFor({ ...request, cropFraction: 0.875 });
  expect(crop).toEqual({ x: 487, y: 67, width: 945, height: 945 });
  expect(geometry.strides.x).toEqual([2, 2]);
  expect(geometryFor({ ...request, input: { width: 200, height: 100 } }).crop).toEqual({
    x: 0,
    y: 60,
    width: 1920,
    height: 960,
  });
});

it('staged takes twice the input, whatever the camera', () => {
  for (const region of [square(100), { width: 3840, height: 2160 }]) {
    const { geometry } = geometryFor({ ...native, mode: 'staged', region, fit: 'stretch' });
    expect(geometryKey(geometry)).toBe('300x300-1.2-1.2');
  }
});

it('direct takes the input itself, which the front end of the closed form leaves as it is', () => {
  for (const region of [square(100), { width: 3840, height: 2160 }]) {
    const { geometry } = geometryFor({ ...native, mode: 'direct', region, fit: 'stretch', padding: 'edge' });
    expect(geometryKey(geometry)).toBe('150x150-1.1-1.1-edge');
    const { weights, exact } = closedForm(geometry, 'bicubic');
    expect(exact).toBe(true);
    const form = compositeOf(weights, geometry);
    expect([...(form?.kernels.weights ?? [])]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect([...(form?.kernels.bias ?? [])]).toEqual([0, 0, 0]);
  }
});

it('keeps the crop inside the region, the grid a multiple of the input, and the rest between 1 and 2', () => {
  const side = fc.integer({ min: 1, max: 5000 });
  const size = fc.record({ width: side, height: side });
  fc.assert(
    fc.property(
      fc.record({
        region: size,
        input: fc.record({ width: fc.integer({ min: 1, max: 400 }), height: fc.integer({ min: 1, max: 400 }) }),
        fit: fc.constantFrom('crop', 'stretch'),
        cropFraction: fc.double({ min: 0.1, max: 1, noNaN: true }),
        mode: fc.constant('native'),
      }) as fc.Arbitrary<GeometryRequest>,
      (request) => {
        const { crop, geometry, residual } = geometryFor(request);
        expect(Math.min(crop.x, crop.y)).toBeGreaterThanOrEqual(0);
        expect(crop.x + crop.width).toBeLessThanOrEqual(request.region.width);
        expect(crop.y + crop.height).toBeLessThanOrEqual(request.region.height);
        for (const axis of ['x', 'y'] as const) {
          const [region, input] =
            axis === 'x' ? [crop.width, request.input.width] : [crop.height, request.input.height];
          if (region >= input) expect(residual[axis]).toBeGreaterThanOrEqual(1);
          if (region >= input && region <= 21 * input) expect(residual[axis]).toBeLessThan(2);
          if (region < input) expect(geometry.strides[axis]).toEqual([1, 1]);
        }
      },
    ),
  );
});

it('names geometries by what makes their graphs differ', () => {
  const request = { ...native, region: { width: 1920, height: 1080 }, fit: 'stretch' } as const;
  expect(geometryKey(geometryFor(request).geometry)).toBe('1800x1050-6.2-7.1');
  expect(geometryKey(geometryFor({ ...request, padding: 'edge' }).geometry)).toBe('1800x1050-6.2-7.1-edge');
});

it('refuses an empty region', () => {
  expect(() => geometryFor({ ...native, region: { width: 0, height: 9 }, fit: 'crop' })).toThrow(
    'the region must be at least 1x1 pixels, it was 0x9',
  );
});

describe('resolutions', () => {
  it.each([
    ['480p', 854, 480],
    ['1080P', 1920, 1080],
    [' 4k ', 3840, 2160],
    ['640x360', 640, 360],
    ['640X360', 640, 360],
  ])('%s', (text, width, height) => {
    expect(parseResolution(text)).toEqual({ width, height });
  });

  it.each(['', 'auto', '1081p', '0x10', '10x0', '-5x5', '1e3x10', '99999x1', 'x', '10x', 'constructor'])(
    '"%s" is none',
    (text) => {
      expect(() => parseResolution(text)).toThrow(UsageError);
      expect(() => parseResolution(text)).toThrow(`it was "${text}"`);
    },
  );
});
