/** What ffmpeg writes on its standard error, for people. */
import { redact } from '../../domain/redact.ts';

/** The messages at error level and above, without their level. */
export function errorLines(lines: readonly string[]): string[] {
  return lines
    .filter((line) => /\[(error|fatal|panic)\]/.test(line))
    .map((line) => line.replace(/\[(error|fatal|panic)\] /, ''));
}

/** The last messages, without addresses in memory; at most 300 characters. */
export function lastWords(lines: readonly string[]): string {
  const words = lines.slice(-3).map((line) => withoutPointers(line).trim());
  return redact([...new Set(words)].join('; ')).slice(0, 300);
}

/** `[http @ 0x55d0c4014540]` is `[http]`. */
export function withoutPointers(line: string): string {
  return line.replace(/ @ 0x[0-9a-f]+/g, '');
}
