import { Counter, Gauge } from 'prom-client';
import {
  connectFailureReasons,
  decoderRestartReasons,
  streamStates,
  type StreamState,
} from '../../domain/happening.ts';
import type { GroupContext, MetricGroup } from './group.ts';
import { metricName } from './names.ts';

/** Sources and decoders: how the connection to a camera fares. */
export function createConnectionMetrics(context: GroupContext): MetricGroup {
  const { known } = context;
  const { attempts, failures, restarts, changes } = counters(context);
  const { up, state, width, height } = gauges(context);
  const setState = (stream: string, current: StreamState) => {
    up.set({ stream }, current === 'live' ? 1 : 0);
    for (const known of streamStates) state.set({ stream, state: known }, known === current ? 1 : 0);
  };
  return {
    handlers: {
      connecting: ({ stream }) => {
        if (known(stream)) attempts.inc({ stream });
      },
      connect_failed: ({ stream, reason }) => {
        if (known(stream)) failures.inc({ stream, reason });
      },
      decoder_restarted: ({ stream, reason }) => {
        if (known(stream)) restarts.inc({ stream, reason });
      },
      resolution_changed: ({ stream }) => {
        if (known(stream)) changes.inc({ stream });
      },
      stream_state: ({ stream, state: current }) => {
        if (known(stream)) setState(stream, current);
      },
      frame_decoded: ({ stream, native }) => {
        if (!known(stream)) return;
        width.set({ stream }, native.width);
        height.set({ stream }, native.height);
      },
    },
    series: {
      add: (stream) => {
        for (const counter of [attempts, changes]) counter.inc({ stream }, 0);
        for (const reason of connectFailureReasons) failures.inc({ stream, reason }, 0);
        for (const reason of decoderRestartReasons) restarts.inc({ stream, reason }, 0);
        setState(stream, 'connecting');
      },
      remove: (stream) => {
        for (const metric of [attempts, changes, up, width, height]) metric.remove({ stream });
        for (const reason of connectFailureReasons) failures.remove({ stream, reason });
        for (const reason of decoderRestartReasons) restarts.remove({ stream, reason });
        for (const known of streamStates) state.remove({ stream, state: known });
      },
    },
  };
}

function counters({ registry }: GroupContext) {
  const registers = [registry];
  return {
    attempts: new Counter({
      name: metricName.connectAttempts,
      help: 'Attempts to connect to the source, by stream.',
      labelNames: ['stream'],
      registers,
    }),
    failures: new Counter({
      name: metricName.connectFailures,
      help: 'Attempts to connect that failed, by stream and reason.',
      labelNames: ['stream', 'reason'],
      registers,
    }),
    restarts: new Counter({
      name: metricName.decoderRestarts,
      help: 'Decoder processes that were started anew, by stream and reason.',
      labelNames: ['stream', 'reason'],
      registers,
    }),
    changes: new Counter({
      name: metricName.resolutionChanges,
      help: 'Changes of the native frame size, by stream.',
      labelNames: ['stream'],
      registers,
    }),
  };
}

function gauges({ registry }: GroupContext) {
  const registers = [registry];
  return {
    up: new Gauge({
      name: metricName.streamUp,
      help: 'Whether the stream delivers frames: 1 live, 0 not.',
      labelNames: ['stream'],
      registers,
    }),
    state: new Gauge({
      name: metricName.streamState,
      help: 'The state of the stream: 1 for the state that it is in, 0 for the others.',
      labelNames: ['stream', 'state'],
      registers,
    }),
    width: new Gauge({
      name: metricName.streamWidth,
      help: 'Native width of the stream, pixels; absent before the first frame.',
      labelNames: ['stream'],
      registers,
    }),
    height: new Gauge({
      name: metricName.streamHeight,
      help: 'Native height of the stream, pixels; absent before the first frame.',
      labelNames: ['stream'],
      registers,
    }),
  };
}
