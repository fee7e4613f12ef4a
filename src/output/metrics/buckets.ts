/**
 * Histogram bounds. A query for "share of frames within X" is exact only at a bound, so the
 * frame times (33 ms at 30 frames a second, 40 ms at 25, 66 ms at 15) and the usual limits
 * (100 ms, 200 ms, 500 ms) are bounds.
 */

/** Seconds, for stages and for the age of a frame at its decision. */
export const latencySeconds = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.033, 0.04, 0.066, 0.1, 0.2, 0.5, 1, 2, 5, 10];

/** Frames in one call of the classifier. */
export const batchFrames = [1, 2, 4, 8, 16, 32];

/** Seconds, for a fitting job: from a closed form that is checked to a night's work. */
export const adaptSeconds = [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
