/** Numbers and durations on the command line. */
import { UsageError } from '../domain/errors.ts';

/** Parser of an option's integer from `least` on. */
export function integerFrom(least: number, name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`${name} must be an integer from ${least} on, it was "${text}"`);
  };
}

/** Parser of an option's number between two, both excluded. */
export function numberBetween(low: number, high: number, name: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value > low && value < high) return value;
    throw new UsageError(`${name} must be a number above ${low} and below ${high}, it was "${text}"`);
  };
}

/** `90s`, `10m`, `1.5h`, or a bare number of seconds. */
export function parseDuration(text: string): number {
  const seconds = /[a-z]{2}|:/.test(text) ? undefined : secondsOf(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw new UsageError(`a time must be a number above 0 with s, m or h behind it, such as 10m, it was "${text}"`);
}

/** Parser of an option's place or length in a video, from `least` on: the syntax of ffmpeg, and minutes and hours. */
export function timeFrom(least: 'zero' | 'above zero', name: string): (text: string) => number {
  return (text) => {
    const seconds = secondsOf(text);
    if (seconds !== undefined && (least === 'zero' || seconds > 0)) return seconds;
    const range = least === 'zero' ? '' : ' above 0';
    throw new UsageError(`${name} must be a time${range} such as 90, 1:30, 00:01:30.5, 20s or 500ms, it was "${text}"`);
  };
}

const unitSeconds = { us: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 } as const;

/** To the microsecond, as ffmpeg reads it. */
function secondsOf(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d+(?:\.\d*)?)(us|ms|[smh])?$/.exec(text) ?? [];
  const [, hours = '0', minutes, rest] = /^(?:(\d+):)?(\d+):([0-5]?\d(?:\.\d*)?)$/.exec(text) ?? [];
  const seconds =
    number === undefined
      ? Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)
      : Number(number) * unitSeconds[unit as keyof typeof unitSeconds];
  if (hours !== '0' && Number(minutes) >= 60) return undefined;
  return Number.isFinite(seconds) ? Math.round(seconds * 1e6) / 1e6 : undefined;
}
