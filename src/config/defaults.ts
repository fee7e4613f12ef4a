import type { Config } from './schema.ts';

/** What holds when nothing else is said; `config/edge-cls.yaml` says the same with comments. */
export const defaults: Config = {
  device: 'auto',
  threads: 0,
  models_directory: null,
  state_directory: 'auto',
  log: { level: 'info', format: 'auto' },
  batch: { size: 4, max_wait_seconds: 0, in_flight: 2 },
  ffmpeg: { path: 'auto' },
  reconnect: { first_delay_seconds: 1, longest_delay_seconds: 60, healthy_seconds: 10, connecting_per_host: 2 },
  http: { enabled: true, host: '127.0.0.1', port: 9528, token_file: null },
  output: { events_file: null, every_frame: false, status_interval_seconds: 10 },
  stream_defaults: {
    enabled: true,
    bundle: 'efficientnet-lite0-imagenet',
    resolution: 'auto',
    region: null,
    geometry: 'auto',
    adapter: null,
    frames_per_second: null,
    max_frames_per_second: 120,
    realtime: false,
    hardware_decode: 'none',
    stall_seconds: 10,
    labels: [],
    groups: {},
    smoothing: { time_constant_seconds: 1 },
    thresholds: {
      onset_probability: 'auto',
      offset_probability: 'auto',
      min_on_seconds: 0.5,
      min_off_seconds: 0.5,
      cool_down_seconds: 1,
    },
  },
  streams: [],
};
