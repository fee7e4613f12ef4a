import type { z } from 'zod';
import {
  atStart,
  differentNames,
  flag,
  list,
  mapping,
  oneOf,
  positiveSeconds,
  seconds,
  section,
  taken,
  text,
  wholeNumber,
} from './fields.ts';
import { sinksSchema } from './sink-schema.ts';
import { streamDefaultsSchema, streamSchema } from './stream-schema.ts';

/** The whole configuration, every key present. */
export const configSchema = mapping({
  device: atStart(
    oneOf('auto', 'cpu', 'webgpu', 'cuda', 'tensorrt'),
    'Where networks run. webgpu is any Vulkan GPU. auto takes the best that is there and says which; a device that is named and absent is an error.',
  ),
  threads: atStart(wholeNumber(0, 256), 'Threads for networks on the CPU; 0 leaves it to the number of cores.'),
  models_directory: atStart(
    text('null or a directory with bundles').nullable(),
    'A directory with bundles of your own, searched before those that are shipped; null for none.',
  ),
  state_directory: atStart(
    text('auto or a directory that can be written'),
    "Where adapters are stored. auto: systemd's $STATE_DIRECTORY, else edge-cls in $XDG_STATE_HOME.",
  ),
  log: section('What is logged to standard error, and how.', {
    level: taken(
      oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'),
      'What is less than this is not logged: trace, debug, info, warn, error, fatal.',
    ),
    format: atStart(
      oneOf('auto', 'json', 'text'),
      'json (one object per line), text, or auto: text on a terminal, else json.',
    ),
  }),
  batch: section('How frames of all streams go through the classifier together.', {
    size: atStart(
      wholeNumber(1, 64),
      'The most frames, of any streams, that go through the classifier together. More than 4 gain nothing on a CPU and take memory; a GPU with many streams likes 8 to 32.',
      'frames',
    ),
    max_wait_seconds: taken(
      seconds,
      'How long a frame waits for company while the device is free. 0: a free device never waits.',
    ),
    in_flight: atStart(
      wholeNumber(1, 8),
      'Batches that the device has at the same time. 2 keep it busy while the next is made; on a CPU each has its share of the threads and the model in memory once.',
      'batches',
    ),
  }),
  ffmpeg: section('The program that decodes.', {
    path: atStart(
      text('auto or the path of an ffmpeg'),
      "auto: EDGE_CLS_FFMPEG, the npm package ffmpeg-static, then the system's; or a path.",
    ),
  }),
  reconnect: section('How a service (edge-cls run -c) comes back to a live source that was lost; it never gives up.', {
    first_delay_seconds: taken(
      positiveSeconds,
      'The wait before an attempt is random, up to this after the first failure, up to twice as much after each further one.',
    ),
    longest_delay_seconds: taken(
      positiveSeconds,
      'The wait is at most this, which must be at least first_delay_seconds. A camera that refuses the password, or is busy, is left alone for at least half of it.',
    ),
    healthy_seconds: taken(positiveSeconds, 'After frames for so long, a failure counts as the first one again.'),
    connecting_per_host: taken(wholeNumber(1, 64), 'Streams of one host that connect at the same time.', 'streams'),
    connecting_total: taken(
      wholeNumber(0, 1000),
      'Streams of all hosts that begin to connect at the same time; one that has waited a second for its camera counts no more. 0: two for each core.',
      'streams',
    ),
  }).refine(({ first_delay_seconds: first, longest_delay_seconds: longest }) => longest >= first, {
    path: ['longest_delay_seconds'],
    error: 'must be at least first_delay_seconds: it is where the waits stop growing',
  }),
  fitting: section('Front ends that a service fits by itself, to streams whose adapt says so.', {
    latency_goal_seconds: taken(
      positiveSeconds,
      'While more than 1 in 100 frames of all streams are older than this when they are decided, fits stand still.',
    ),
    sample_seconds: taken(
      positiveSeconds,
      'So often one frame of such a stream goes through a second front end as well.',
    ),
    shadow_frames: taken(
      wholeNumber(20, 1000),
      'A fit is in shadow for so many of these frames before it is taken or rejected.',
    ),
  }),
  http: section('Health, metrics, streams and the status page.', {
    enabled: atStart(flag, 'false: nothing listens.'),
    host: atStart(
      text('an address to listen on, such as 127.0.0.1'),
      'Any address but a loopback one needs a token_file.',
    ),
    port: atStart(wholeNumber(0, 65_535), '0 takes a free port.'),
    token_file: atStart(
      text('null or a file that holds a token').nullable(),
      'A file that holds the bearer token, such as a credential of systemd; null for none.',
    ),
  }),
  output: section('What is shown while it runs.', {
    status_interval_seconds: taken(
      seconds,
      'How often a status line per stream is written where there is no terminal; 0: never.',
    ),
  }),
  sinks: sinksSchema,
  stream_defaults: streamDefaultsSchema,
  streams: taken(
    list(streamSchema, 'a list of streams, each with a name and a source').superRefine(differentNames('stream')),
    'The streams. Each has a name and a source, and any key of stream_defaults.',
  ),
});

export type Config = z.infer<typeof configSchema>;
export type StreamConfig = z.infer<typeof streamSchema>;
