/** The part of the picture to look at. */
import { UsageError } from './errors.ts';
import { sizeText, type Rectangle, type Size } from './frame.ts';

/** As the user wrote it: pixels, or fractions from 0 to 1 of the display size. */
export interface Region extends Rectangle {
  readonly unit: 'pixels' | 'fractions';
}

const form = 'a region must be x,y,width,height in pixels, or in fractions of the picture from 0 to 1';

/**
 * Reads `x,y,width,height`: fractions when no number is above 1, else whole pixels.
 * Throws a UsageError.
 */
export function parseRegion(text: string): Region {
  const parts = text.split(',').map((part) => (/^\s*\d+(\.\d+)?\s*$/.test(part) ? Number(part) : Number.NaN));
  const [x = 0, y = 0, width = 0, height = 0] = parts;
  if (parts.length !== 4 || !parts.every(Number.isFinite)) throw new UsageError(`${form}, but was ${text}`);
  if (width === 0 || height === 0) throw new UsageError(`${form}, with a size above 0, but was ${text}`);
  const unit = parts.every((part) => part <= 1) ? 'fractions' : 'pixels';
  // Half a percent of slack: thirds and the like are written rounded.
  if (unit === 'fractions' && (x + width > 1.005 || y + height > 1.005)) {
    throw new UsageError(`the region ${text} must end inside the picture: x + width and y + height are at most 1`);
  }
  if (unit === 'pixels' && !parts.every(Number.isInteger)) {
    throw new UsageError(`${form}, but ${text} mixes the two`);
  }
  return { x, y, width, height, unit };
}

/** The region in pixels of a picture of this size; at least one pixel. Throws a UsageError where it lies outside. */
export function placeRegion(region: Region, display: Size): Rectangle {
  if (region.unit === 'fractions') {
    const x = Math.min(Math.round(region.x * display.width), display.width - 1);
    const y = Math.min(Math.round(region.y * display.height), display.height - 1);
    const right = Math.min(Math.round((region.x + region.width) * display.width), display.width);
    const bottom = Math.min(Math.round((region.y + region.height) * display.height), display.height);
    return { x, y, width: Math.max(right - x, 1), height: Math.max(bottom - y, 1) };
  }
  const { x, y, width, height } = region;
  if (x + width > display.width || y + height > display.height) {
    throw new UsageError(
      `the region ${[x, y, width, height].join(',')} must lie inside the picture of ${sizeText(display)} pixels; correct the region`,
    );
  }
  return { x, y, width, height };
}
