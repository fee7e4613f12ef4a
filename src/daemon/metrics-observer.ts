import type { Clock } from '../domain/clock.ts';
import type { Metrics } from '../output/metrics/metrics.ts';
import type { StreamObserver } from './stream-observer.ts';

/** What happens to the streams, as metrics. Frames that are received and dropped are the ledger's to tell. */
export function metricsObserver(metrics: Metrics, clock: Pick<Clock, 'date'>): Partial<StreamObserver> {
  return {
    added: (stream) => metrics.addStream(stream),
    removed: (stream) => metrics.removeStream(stream),
    state: (stream, state) => metrics.streamState(stream, state),
    connecting: (stream) => metrics.connectAttempted(stream),
    connectFailed: (stream, reason) => metrics.connectFailed(stream, reason),
    restarted: (stream, reason) => metrics.decoderRestarted(stream, reason),
    resolutionChanged: (stream) => {
      metrics.resolutionChanged(stream);
      metrics.adapterSwapped('applied');
    },
    adapterActive: ({ name, info: { native } }, id) =>
      metrics.adapterActive(name, { digest: id, resolution: `${native.width}x${native.height}` }),
    adapterSwapped: (_stream, result) => metrics.adapterSwapped(result),
    agreement: (stream, ratio) => metrics.adapterAgreement(stream, ratio),
    fitStarted: () => metrics.adaptStarted(),
    fitEnded: (_stream, seconds) => metrics.adaptEnded(seconds),
    decoder: ({ hardware }) => metrics.deviceInfo('decode', hardware),
    frame: ({ stream, native }) => {
      metrics.frameDecoded(stream);
      metrics.nativeSize(stream, native);
      metrics.lastFrameAt(stream, clock.date().getTime() / 1000);
    },
    prediction: ({ stream, decidedAt, capturedAt }) => {
      metrics.frameClassified(stream);
      metrics.ageObserved(stream, (decidedAt - capturedAt) / 1000);
    },
  };
}
