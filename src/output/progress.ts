/** How far a source with an end is, in words and as a bar. */
export interface Progress {
  /** Seconds of the video, or pictures. */
  readonly done: number;
  readonly total: number;
  readonly unit: 'seconds' | 'pictures';
  /** Wall-clock time since its first frame was decided, seconds. */
  readonly elapsedSeconds: number;
}

/** Earlier than this a speed is a guess. */
const settledSeconds = 1;

/** 0 to 1. */
export function share({ done, total }: Progress): number {
  return total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
}

/** `━━━━━━────`, so many columns wide. */
export function barText(progress: Progress, columns: number): string {
  const filled = Math.floor(share(progress) * columns);
  return '━'.repeat(filled) + '─'.repeat(columns - filled);
}

/** `0:05 of 0:12`, or `5 of 12`. */
export function positionText({ done, total, unit }: Progress): string {
  if (unit === 'pictures') return `${String(done).padStart(String(total).length)} of ${total}`;
  const whole = clockText(total);
  return `${clockText(Math.min(done, total)).padStart(whole.length)} of ${whole}`;
}

/** `2.4×` as fast as it would be played, or `31.5/s`; nothing while that is a guess. */
export function speedText({ done, elapsedSeconds, unit }: Progress): string | undefined {
  if (elapsedSeconds < settledSeconds || done <= 0) return undefined;
  const speed = done / elapsedSeconds;
  return unit === 'pictures'
    ? `${speed.toFixed(1).padStart(5)}/s`
    : `${speed.toFixed(speed < 10 ? 1 : 0).padStart(4)}×`;
}

/** `0:03 left`; nothing while that is a guess, or when it is over. */
export function leftText({ done, total, elapsedSeconds }: Progress): string | undefined {
  if (elapsedSeconds < settledSeconds || done <= 0 || done >= total) return undefined;
  return `${clockText(((total - done) * elapsedSeconds) / done)} left`;
}

/** `0:12`, `1:02:03`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}
