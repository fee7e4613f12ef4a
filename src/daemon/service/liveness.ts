import type { Clock } from '../../domain/clock.ts';

/** What shows that the daemon works; read at each check. */
export interface SignsOfLife {
  /** Mean delay of the event loop since the last call, seconds. */
  eventLoopLagSeconds(): number;
  /** Operations that the inference device has done for a heartbeat, counted. */
  deviceHeartbeats(): number;
  /** Streams that deliver frames now and shall be classified: not the paused, not the unreachable. */
  streamsExpectedLive(): number;
  /** Frames that were decided, over all streams, counted. */
  framesDecided(): number;
}

export interface LivenessLimits {
  readonly eventLoopLagSeconds: number;
  /** Longest time between two heartbeats of the device. */
  readonly deviceSilenceSeconds: number;
  /** Longest time without a decision while a stream is expected live. */
  readonly decisionSilenceSeconds: number;
}

export const defaultLivenessLimits: LivenessLimits = {
  eventLoopLagSeconds: 1,
  deviceSilenceSeconds: 30,
  decisionSilenceSeconds: 60,
};

/**
 * Judges whether the daemon is alive: a process that runs but decides nothing is not. A
 * camera that is away is no reason, since a restart would not bring it back.
 *
 * @returns a function that gives a sentence for each sign that is missing; none means alive.
 */
export function createLiveness(
  signs: SignsOfLife,
  clock: Clock,
  limits: LivenessLimits = defaultLivenessLimits,
): () => readonly string[] {
  const heartbeat = silence(clock);
  const decision = silence(clock);
  return () => {
    const missing: string[] = [];
    const lag = signs.eventLoopLagSeconds();
    if (lag > limits.eventLoopLagSeconds) {
      missing.push(`The event loop is ${lag.toFixed(1)} s late, which must be at most ${limits.eventLoopLagSeconds} s`);
    }
    const quiet = heartbeat(signs.deviceHeartbeats());
    if (quiet > limits.deviceSilenceSeconds) {
      missing.push(
        `The device has done nothing for ${quiet.toFixed(0)} s, at most ${limits.deviceSilenceSeconds} s is allowed`,
      );
    }
    const expected = signs.streamsExpectedLive();
    const undecided = decision(signs.framesDecided(), expected === 0);
    if (undecided > limits.decisionSilenceSeconds) {
      missing.push(`No frame was decided for ${undecided.toFixed(0)} s although ${expected} streams are live`);
    }
    return missing;
  };
}

/** Seconds since the count last moved, or since it was last excused from moving. */
function silence(clock: Clock): (count: number, excused?: boolean) => number {
  let last = 0;
  let since = clock.now();
  return (count, excused = false) => {
    if (count !== last || excused) since = clock.now();
    last = count;
    return (clock.now() - since) / 1000;
  };
}
