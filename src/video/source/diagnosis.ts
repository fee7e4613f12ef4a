/** Makes a SourceError out of what ffmpeg said of a source before it ended. */
import { lastWords, withoutPointers } from '../ffmpeg/messages.ts';
import { SourceError, type SourceFailure } from './source-error.ts';
import { describeSource, hostOfSource, type SourceSpec } from './source-spec.ts';

/** Words of ffmpeg or of the system, the reason, and the sentence for the user. */
type Sign = readonly [words: RegExp, reason: SourceFailure, sentence: string];

/** The answer of a server: `[rtsp] method DESCRIBE failed: 401 Unauthorized`, `[http] HTTP error 404 Not Found`. */
function status(codes: string): RegExp {
  return new RegExp(`(?:method \\w+ failed:|HTTP error|Server returned) (?:${codes})`);
}

const anySource: readonly Sign[] = [
  [/Device creation failed|No device available for decoder/, 'hardware', 'the hardware decoder could not be opened'],
  [/matches no streams/, 'codec', 'it has no video, only sound or data'],
  [/Decoder \(codec .*\) not found|Unknown decoder|no decoder found/, 'codec', 'this ffmpeg has no decoder for it'],
];

const path: readonly Sign[] = [
  [/No such file or directory/, 'not_found', 'there is no such file'],
  [/Permission denied/, 'auth', 'it may not be read'],
  [/Device or resource busy/, 'busy', 'another program uses it'],
  [/No such device|Input\/output error/, 'eof', 'it cannot be read any more'],
];

const network: readonly Sign[] = [
  [
    /Failed to resolve hostname|Name or service not known|Temporary failure in name/,
    'dns',
    'its host name is not known',
  ],
  [/Connection refused/, 'refused', 'nothing listens at this address'],
  [status('401|403'), 'auth', 'the user name or password was refused'],
  [status('453|503|5XX'), 'busy', 'it serves no more connections at present'],
  [status('404'), 'not_found', 'there is no such stream or file'],
  [/\bTLS\b|certificate|\bSSL\b/i, 'tls', 'the encrypted connection could not be made'],
  [/timed out|Network is unreachable|No route to host/i, 'timeout', 'it does not answer'],
  [/Connection reset|Broken pipe|End of file|Input\/output error/, 'eof', 'the connection broke off'],
];

/** MP4 is read by its index, which most programs write at its end: the first picture then lies where an index would. */
const indexAtEnd: Sign = [
  /offset 0x[\da-f]{1,2}: partial file/,
  'codec',
  'its index lies at its end, and the server does not give parts of a file (Range): write it with -movflags +faststart, or copy it here',
];

/** In each the first that is seen holds. */
const signs: Readonly<Record<SourceSpec['kind'], readonly Sign[]>> = {
  file: [...anySource, ...path],
  image: [...anySource, ...path],
  folder: [...anySource, ...path],
  device: [...anySource, ...path],
  pipe: [...anySource, ...path],
  http: [...anySource, indexAtEnd, ...network],
  rtsp: [
    ...anySource,
    ...network,
    // The playlist that the address stands in (`withoutAddress`) has read no packet from it.
    [/Impossible to open/, 'other', 'what answers does not speak as a camera does'],
  ],
};

/** `lines` are ffmpeg's messages at error level. */
export function sourceError(spec: SourceSpec, lines: readonly string[]): SourceError {
  const text = withoutNames(lines.map(withoutPointers).join('\n'), spec);
  const [, reason, sentence] = signs[spec.kind].find(([words]) => words.test(text)) ?? [
    undefined,
    'codec',
    'it could not be decoded',
  ];
  const words = lastWords(lines);
  return new SourceError(
    `the source ${describeSource(spec)} gives no frames: ${sentence}${words ? ` (ffmpeg: ${words})` : ''}`,
    reason,
  );
}

/** A source may be called `401 Unauthorized.mp4` or stand at `ssl.example`: its name says nothing about its fault. */
function withoutNames(text: string, spec: SourceSpec): string {
  const names = 'url' in spec ? namesOfAddress(spec.url) : namesOfPath(spec.path);
  const without = names.reduce((rest, name) => rest.replaceAll(name, ''), text);
  // Also of where a server has sent us, and a port can look like a status.
  return without
    .replace(/[a-z]+:\/\/\S+/gi, '')
    .replace(/\bhostname \S+?(?=:?(?:\s|$))/g, 'hostname')
    .replace(/\battempt to \S+ port \d+/g, 'attempt');
}

/** ffmpeg says the path as it was given it, but shows what is no character as a question mark, and cuts long lines. */
function namesOfPath(path: string): string[] {
  const shown = path.replace(/[\x00-\x07\x0e-\x1f]/g, '?');
  const lines = shown.split('\n').length > 1 ? [shown, shown.slice(0, shown.indexOf('\n'))] : [shown];
  return lines.filter((name) => name !== '/' && name !== '');
}

function namesOfAddress(url: string): string[] {
  const host = hostOfSource(url);
  const bare = host.replace(/:\d+$/, '');
  // A host that is a word, such as `certificate`, is told from words by where it stands.
  return [url, host, bare].filter((name) => /[^a-z]/i.test(name));
}
