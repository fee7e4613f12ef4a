import { z } from 'zod';
import { paces } from '../domain/pace.ts';
import { parseRegion } from '../domain/region.ts';
import { parseResolution } from '../model/resolution.ts';
import { requestedModes } from '../model/geometry.ts';
import { views } from '../model/view.ts';
import { between, flag, list, mapping, name, oneOf, parsed, seconds, section, taken, text } from './fields.ts';

const framesPerSecond = between(0.0001, 1000, 'frames per second, from 0.0001 to 1000, or null');

const probability = z.custom<'auto' | number>(
  (value) => value === 'auto' || (typeof value === 'number' && value >= 0 && value <= 1),
  { error: 'must be auto or a number from 0 to 1', abort: true },
);

const thresholds = section('When a label comes and goes.', {
  onset_probability: taken(
    probability,
    'A label comes at this smoothed probability. auto: 0.35 with many classes, 0.7 with two.',
  ),
  offset_probability: taken(probability, 'It goes below this one. auto: 0.2 with many classes, 0.5 with two.'),
  min_on_seconds: taken(seconds, 'It must be there for so long to make an event.'),
  min_off_seconds: taken(seconds, 'It must be away for so long to have gone.'),
  cool_down_seconds: taken(seconds, 'After it went it makes no new event for so long.'),
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
const streamFields = {
  enabled: taken(flag, 'false keeps the entry but does not open the source.'),
  bundle: taken(
    text('the name of a bundle or the path of its directory'),
    'Name of a bundle (edge-cls models list) or the path of its directory.',
  ),
  resolution: taken(
    parsed('auto, 480p, 720p, 1080p, 1440p, 4k or WIDTHxHEIGHT', isResolution),
    'The size that the front end is made for; auto: as the source.',
    'pixels',
  ),
  region: taken(
    parsed(
      'null or x,y,width,height, in whole pixels or in fractions of the picture that end inside it (x + width and y + height at most 1)',
      (value) => accepts(parseRegion, value),
    ).nullable(),
    'Part of the picture to classify: x,y,width,height in pixels, or all between 0 and 1 as fractions; null: all.',
  ),
  view: taken(
    oneOf(...views),
    'What is looked at of the picture, or of the region. tiles: all of it, in as many overlapping parts with the proportions of the classifier as cover it (two of 16:9, four at most), each classified and the highest probability taken; each costs as much as a frame. whole: all of it in one, stretched to the proportions of the classifier where it has others. centre: as photographs were cropped in training, which leaves out more than half of a wide picture. auto: tiles of a video or a camera, a region whole, as it is named, photographs in a folder as in training.',
  ),
  geometry: taken(
    oneOf(...requestedModes),
    'native sees all pixels; staged takes twice the input, which is quickest on a CPU with an adapter of any kind; direct takes the input itself, quicker still, but a little less like the resize of training; auto chooses native or staged by the device.',
  ),
  adapter: taken(
    text('null or the path of an adapter file').nullable(),
    'An adapter file fitted for this bundle and geometry; null: the closed form, equal to the training resize.',
  ),
  adapt: taken(
    oneOf('never', 'when_missing'),
    'when_missing: a service fits a front end (edge-cls adapt, at low priority, over a second connection to the source) once for each size that the stream comes with and that has no adapter, tries it in shadow before it is used, and rolls it back when it does harm (docs/operations.md); never: it does not.',
  ),
  frames_per_second: taken(
    framesPerSecond.nullable(),
    'Frames to classify in a second; null: as many as the source has.',
  ),
  max_frames_per_second: taken(
    framesPerSecond.nullable(),
    'More than this from a source is dropped (reason rate_limit), as some cameras flood; null: no limit.',
  ),
  pace: taken(
    oneOf(...paces),
    'whole: every frame is classified, as fast as that goes. live: at the pace of the source, and what is too late is dropped, as of a camera. auto: whole what has an end (a file, a video or a finished playlist at an address), live what has none.',
  ),
  realtime: taken(flag, 'true is another way to write pace: live.'),
  hardware_decode: taken(
    oneOf('none', 'auto', 'vaapi', 'cuda', 'v4l2m2m'),
    'A decoder of the hardware. One that is named and does not work is an error.',
  ),
  stall_seconds: taken(
    between(0.5, 86_400, 'seconds, from 0.5 to 86400'),
    'A source that sends no frame for so long is opened again.',
  ),
  motion_gate: section('What does not move before a fixed camera need not be classified again.', {
    enabled: taken(
      flag,
      'true: a frame that shows what the last classified one does, on a coarse grid and against the noise of the camera, is not classified (reason still); the answer before stands for it.',
    ),
    max_still_seconds: taken(
      between(0.1, 3600, 'seconds, from 0.1 to 3600'),
      'After so long a frame is classified whatever it shows.',
    ),
  }),
  labels: taken(labels, 'Labels that make events; none here and no groups: all labels of the bundle.'),
  groups: taken(
    z.record(z.string(), labels, { error: 'must be a mapping of group names to lists of labels' }),
    'Labels that count as one, their probabilities summed, for example bottle: [water bottle, pop bottle, beer bottle].',
  ),
  smoothing: section('How probabilities are smoothed over time.', {
    time_constant_seconds: taken(seconds, 'A change has got through to 63 % after so long; 0: no smoothing.'),
  }),
  thresholds,
};

export const streamDefaultsSchema = section(
  'What holds for every stream that says nothing else; each key can stand in a stream as well.',
  streamFields,
);
export const streamSchema = mapping({
  name: taken(name, "The name, which is the label of the stream's metrics and part of the names of its files."),
  source: taken(
    text('a file, a folder of images, a device or an address'),
    "A file, a folder of images, a device such as /dev/video0, a FIFO (which is read once), or an address. ${NAME} is an environment variable, ${credential:name} the file name in systemd's $CREDENTIALS_DIRECTORY or else EDGE_CLS_CREDENTIAL_NAME; $${ is a plain ${.",
  ),
  ...streamFields,
});

function isResolution(value: string): boolean {
  return value === 'auto' || accepts(parseResolution, value);
}

function accepts(parse: (value: string) => unknown, value: string): boolean {
  try {
    parse(value);
    return true;
  } catch {
    return false;
  }
}
