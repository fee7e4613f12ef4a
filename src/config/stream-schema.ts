import { z } from 'zod';
import { parseResolution } from '../model/resolution.ts';
import { flag, list, mapping, oneOf, parsed, positive, positiveSeconds, seconds, text } from './fields.ts';

const framesPerSecond = positive(1000, 'frames per second, above 0 and at most 1000, or null');

const probability = z.custom<'auto' | number>(
  (value) => value === 'auto' || (typeof value === 'number' && value >= 0 && value <= 1),
  { error: 'must be auto or a number from 0 to 1', abort: true },
);

const thresholds = mapping({
  onset_probability: probability,
  offset_probability: probability,
  min_on_seconds: seconds,
  min_off_seconds: seconds,
  cool_down_seconds: seconds,
}).refine(
  ({ onset_probability: onset, offset_probability: offset }) =>
    onset === 'auto' ? offset === 'auto' : offset !== 'auto' && offset <= onset,
  {
    error:
      'must have an offset_probability of at most its onset_probability, and both must be numbers or both auto: otherwise a label would come and go at once',
  },
);

const labels = list(text('the name of a label'), 'a list of labels, such as [cup, water bottle]');

/** What can be said for all streams and for each. */
export const streamFields = {
  enabled: flag,
  bundle: text('the name of a bundle or the path of its directory'),
  resolution: parsed('auto, 480p, 720p, 1080p, 1440p, 4k or WIDTHxHEIGHT', isResolution),
  region: parsed('null or x,y,width,height in pixels or in fractions of the picture', isRegion).nullable(),
  geometry: oneOf('auto', 'native', 'staged'),
  adapter: text('null or the path of an adapter file').nullable(),
  adapt: oneOf('never', 'when_missing'),
  frames_per_second: framesPerSecond.nullable(),
  max_frames_per_second: framesPerSecond.nullable(),
  realtime: flag,
  hardware_decode: oneOf('none', 'auto', 'vaapi', 'cuda', 'v4l2m2m'),
  stall_seconds: positiveSeconds,
  labels,
  groups: z.record(z.string(), labels, { error: 'must be a mapping of group names to lists of labels' }),
  smoothing: mapping({ time_constant_seconds: seconds }),
  thresholds,
};

/** Names are values of a metric's label and parts of file names. */
const name = z.string({ error: nameRule() }).regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, { error: nameRule() });

export const streamDefaultsSchema = mapping(streamFields);
export const streamSchema = mapping({
  name,
  source: text('a file, a folder of images, a device or an address'),
  ...streamFields,
});

function nameRule(): string {
  return 'must be 1 to 64 letters, digits, _, . or -, beginning with a letter or digit';
}

function isResolution(value: string): boolean {
  if (value === 'auto') return true;
  try {
    parseResolution(value);
    return true;
  } catch {
    return false;
  }
}

/** Shape and signs; whether it lies in the picture is seen when the source is known. */
function isRegion(value: string): boolean {
  const parts = value.split(',').map((part) => (/^\s*\d+(\.\d+)?\s*$/.test(part) ? Number(part) : Number.NaN));
  const [, , width = 0, height = 0] = parts;
  return parts.length === 4 && parts.every(Number.isFinite) && width > 0 && height > 0;
}
