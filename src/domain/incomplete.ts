import type { Seen } from './frame.ts';

/** What is missing of a source, to follow its name. */
export function incompleteText({ seconds, durationSeconds }: Seen): string {
  return (
    `must last ${durationSeconds.toFixed(1)} s as it says, but only ${seconds.toFixed(1)} s of it could be decoded: ` +
    'it is cut off or damaged; copy it again'
  );
}
