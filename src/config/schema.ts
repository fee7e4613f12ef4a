import type { z } from 'zod';
import { flag, list, mapping, oneOf, positiveSeconds, seconds, text, wholeNumber } from './fields.ts';
import { streamDefaultsSchema, streamSchema } from './stream-schema.ts';

/** The whole configuration, every key present; `config/edge-cls.yaml` explains each. */
export const configSchema = mapping({
  device: oneOf('auto', 'cpu', 'webgpu', 'cuda', 'tensorrt'),
  threads: wholeNumber(0, 256),
  models_directory: text('null or a directory with bundles').nullable(),
  state_directory: text('auto or a directory that can be written'),
  log: mapping({
    level: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'),
    format: oneOf('auto', 'json', 'text'),
  }),
  batch: mapping({
    size: wholeNumber(1, 64),
    max_wait_seconds: seconds,
    in_flight: wholeNumber(1, 8),
  }),
  ffmpeg: mapping({ path: text('auto or the path of an ffmpeg') }),
  reconnect: mapping({
    first_delay_seconds: positiveSeconds,
    longest_delay_seconds: positiveSeconds,
    healthy_seconds: positiveSeconds,
    connecting_per_host: wholeNumber(1, 64),
  }),
  fitting: mapping({
    latency_goal_seconds: positiveSeconds,
    sample_seconds: positiveSeconds,
    shadow_frames: wholeNumber(20, 1000),
  }),
  http: mapping({
    enabled: flag,
    host: text('an address to listen on, such as 127.0.0.1'),
    port: wholeNumber(0, 65_535),
    token_file: text('null or a file that holds a token').nullable(),
  }),
  output: mapping({
    events_file: text('null, - or the path of a file').nullable(),
    every_frame: flag,
    status_interval_seconds: seconds,
  }),
  stream_defaults: streamDefaultsSchema,
  streams: list(streamSchema, 'a list of streams, each with a name and a source').superRefine((streams, context) => {
    const seen = new Set<string>();
    streams.forEach(({ name }, index) => {
      if (seen.has(name)) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'must be different for each stream' });
      }
      seen.add(name);
    });
  }),
});

export type Config = z.infer<typeof configSchema>;
export type StreamConfig = z.infer<typeof streamSchema>;
