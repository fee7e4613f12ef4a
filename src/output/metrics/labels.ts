/**
 * Closed sets of label values beside those of `domain/happening.ts`. Whatever is open (URLs, addresses,
 * process ids, classes) is never a label: it would grow the number of series without end, and leak.
 */

export const eventFailureReasons = ['refused', 'timeout', 'rejected', 'full', 'io', 'other'] as const;
export type EventFailureReason = (typeof eventFailureReasons)[number];
