/** Why a source gives no frames: one sentence, and a reason that a metric can carry. */
import { exitCode, UserError } from '../../domain/errors.ts';
import { redact } from '../../domain/redact.ts';

/** Values of a metric's label. */
export type SourceFailure =
  'dns' | 'refused' | 'timeout' | 'auth' | 'tls' | 'not_found' | 'codec' | 'busy' | 'eof' | 'hardware' | 'other';

/** The source that was named is not one: another has to be named. The rest may pass by itself. */
const wrongSource: ReadonlySet<SourceFailure> = new Set(['dns', 'refused', 'auth', 'tls', 'not_found', 'codec']);

export class SourceError extends UserError {
  override readonly name = 'SourceError';
  readonly reason: SourceFailure;

  constructor(message: string, reason: SourceFailure, options: { cause?: unknown } = {}) {
    super(redact(message), { ...options, exitCode: wrongSource.has(reason) ? exitCode.usage : exitCode.failed });
    this.reason = reason;
  }
}

/** ffmpeg's and the system's words, the sentence for the user, and the reason. Order matters. */
const patterns: readonly (readonly [RegExp, SourceFailure, string])[] = [
  [/Device creation failed|No device available for decoder/, 'hardware', 'the hardware decoder could not be opened'],
  [
    /Failed to resolve hostname|Name or service not known|Temporary failure in name/,
    'dns',
    'its host name is not known',
  ],
  [/Connection refused/, 'refused', 'nothing listens at this address'],
  [/Unauthorized|\b401\b|403 Forbidden/, 'auth', 'the user name or password was refused'],
  [/\b453\b|Not Enough Bandwidth|503 Service|Server returned 5XX/, 'busy', 'it serves no more connections at present'],
  [/\b404\b|Not Found|No such file or directory/, 'not_found', 'there is no such stream or file'],
  [/TLS|certificate|SSL/i, 'tls', 'the encrypted connection could not be made'],
  [/timed out|Network is unreachable|No route to host/i, 'timeout', 'it does not answer'],
  [/Permission denied/, 'auth', 'it may not be read'],
  [/Device or resource busy/, 'busy', 'another program uses it'],
  [/matches no streams/, 'codec', 'it has no video, only sound or data'],
  [/Decoder \(codec .*\) not found|Unknown decoder|no decoder found/, 'codec', 'this ffmpeg has no decoder for it'],
  [/Connection reset|Broken pipe|End of file|Input\/output error/, 'eof', 'the connection broke off'],
  // The playlist that the address stands in (`withoutAddress`) has read no packet from it.
  [/Impossible to open/, 'other', 'what answers does not speak as a camera does'],
];

/** Makes the error out of what ffmpeg said last. `lines` are its messages at error level. */
export function sourceError(name: string, lines: readonly string[], nextStep = ''): SourceError {
  // A port can look like a status, and so can an address in memory.
  const text = lines
    .map(withoutPointers)
    .join('\n')
    .replace(/[a-z]+:\/\/\S+/gi, '');
  const known = patterns.find(([pattern]) => pattern.test(text));
  const words = lastWords(lines);
  const sentence = known ? known[2] : 'it could not be decoded';
  return new SourceError(
    `the source ${name} gives no frames: ${sentence}${words ? ` (ffmpeg: ${words})` : ''}${nextStep}`,
    known?.[1] ?? 'codec',
  );
}

/** The last messages, without addresses in memory; at most 300 characters. */
export function lastWords(lines: readonly string[]): string {
  const words = lines.slice(-3).map((line) => withoutPointers(line).trim());
  return redact([...new Set(words)].join('; ')).slice(0, 300);
}

/** `[http @ 0x55d0c4014540]` is `[http]`. */
function withoutPointers(line: string): string {
  return line.replace(/ @ 0x[0-9a-f]+/g, '');
}
