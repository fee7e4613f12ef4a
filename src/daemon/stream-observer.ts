/** Who is told what happens to the streams of a service, while it happens. */
import type { StateEvent } from '../domain/event.ts';
import type { Frame, Size } from '../domain/frame.ts';
import type {
  AdapterSwapResult,
  ConnectFailureReason,
  DecoderRestartReason,
  StreamState,
} from '../output/metrics/labels.ts';
import type { Smoothed } from '../pipeline/smooth.ts';
import type { DecoderReport } from '../video/decode/hardware.ts';
import type { StreamPlan } from './stream/stream-plan.ts';

export interface StreamObserver {
  /** The stream was put into the configuration. */
  added(stream: string): void;
  /** It was taken out, and has ended. */
  removed(stream: string): void;
  /** @param reason why it is in this state, a sentence */
  state(stream: string, state: StreamState, reason?: string): void;
  connecting(stream: string): void;
  connectFailed(stream: string, reason: ConnectFailureReason): void;
  /** A decoder that had delivered frames is started anew. */
  restarted(stream: string, reason: DecoderRestartReason): void;
  resolutionChanged(stream: string, size: Size): void;
  planned(plan: StreamPlan): void;
  /** The adapter with this id is used from the next frame on. */
  adapterActive(plan: StreamPlan, id: string): void;
  /** It took the place of another, while the stream went on. */
  adapterSwapped(stream: string, result: AdapterSwapResult): void;
  /** Share of sampled frames on which a fitted adapter and the closed form agree, 0 to 1. */
  agreement(stream: string, ratio: number): void;
  /** A fit of the stream's front end has begun. */
  fitStarted(stream: string): void;
  /** @param failure why it could not be made, a sentence; one that is refused has not failed */
  fitEnded(stream: string, seconds: number, failure: string | undefined): void;
  decoder(report: DecoderReport, plan: StreamPlan): void;
  frame(frame: Frame): void;
  prediction(prediction: Smoothed, plan: StreamPlan): void;
  event(event: StateEvent, plan: StreamPlan): void;
  /** Something to know that ends nothing, a sentence. */
  trouble(stream: string, sentence: string): void;
  /** A fault of the program. */
  fault(stream: string, error: unknown): void;
}

/** Tells all of them, in order; each takes what it has a method for. */
export function observers(...all: readonly Partial<StreamObserver>[]): StreamObserver {
  return {
    added: (...told) => all.forEach((each) => each.added?.(...told)),
    removed: (...told) => all.forEach((each) => each.removed?.(...told)),
    state: (...told) => all.forEach((each) => each.state?.(...told)),
    connecting: (...told) => all.forEach((each) => each.connecting?.(...told)),
    connectFailed: (...told) => all.forEach((each) => each.connectFailed?.(...told)),
    restarted: (...told) => all.forEach((each) => each.restarted?.(...told)),
    resolutionChanged: (...told) => all.forEach((each) => each.resolutionChanged?.(...told)),
    planned: (...told) => all.forEach((each) => each.planned?.(...told)),
    adapterActive: (...told) => all.forEach((each) => each.adapterActive?.(...told)),
    adapterSwapped: (...told) => all.forEach((each) => each.adapterSwapped?.(...told)),
    agreement: (...told) => all.forEach((each) => each.agreement?.(...told)),
    fitStarted: (...told) => all.forEach((each) => each.fitStarted?.(...told)),
    fitEnded: (...told) => all.forEach((each) => each.fitEnded?.(...told)),
    decoder: (...told) => all.forEach((each) => each.decoder?.(...told)),
    frame: (...told) => all.forEach((each) => each.frame?.(...told)),
    prediction: (...told) => all.forEach((each) => each.prediction?.(...told)),
    event: (...told) => all.forEach((each) => each.event?.(...told)),
    trouble: (...told) => all.forEach((each) => each.trouble?.(...told)),
    fault: (...told) => all.forEach((each) => each.fault?.(...told)),
  };
}
