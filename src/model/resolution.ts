/** Resolutions by the names that cameras are sold under. */
import { UsageError } from '../domain/errors.ts';
import type { Size } from '../domain/frame.ts';

const named: Readonly<Record<string, Size>> = {
  '360p': { width: 640, height: 360 },
  '480p': { width: 854, height: 480 },
  '720p': { width: 1280, height: 720 },
  '1080p': { width: 1920, height: 1080 },
  '1440p': { width: 2560, height: 1440 },
  '2160p': { width: 3840, height: 2160 },
  '4k': { width: 3840, height: 2160 },
};

/** Sides beyond this are typing errors rather than cameras. */
const largestSide = 16_384;

/** Width and height in pixels of `480p`, `1080p`, `4k`, `1600x1200` … Throws a `UsageError` for anything else. */
export function parseResolution(text: string): Size {
  const wanted = text.trim().toLowerCase();
  const known = Object.hasOwn(named, wanted) ? named[wanted] : undefined;
  if (known !== undefined) return known;
  const [, width, height] = (/^(\d{1,5})[x×](\d{1,5})$/.exec(wanted) ?? []).map(Number);
  if (width !== undefined && height !== undefined && isSide(width) && isSide(height)) return { width, height };
  throw new UsageError(
    `the resolution must be one of ${Object.keys(named).join(', ')}, or WIDTHxHEIGHT in pixels ` +
      `(1 to ${largestSide} each), for example 1280x720; it was "${text}"`,
  );
}

function isSide(pixels: number): boolean {
  return pixels >= 1 && pixels <= largestSide;
}
