/** Keeps addresses, which hold passwords, out of ffmpeg's arguments: every user of the box can read those. */

export interface PrivateArguments {
  readonly args: readonly string[];
  /** For ffmpeg's standard input; empty where no argument was an address. */
  readonly input: string;
}

/** Options of what is at the address, not of ffmpeg's reading of it. Each has a value. */
const ofTheAddress = new Set(['-rtsp_transport', '-timeout', '-rw_timeout', '-fpsprobesize']);

/** ffmpeg's own for addresses, and the pipe that the address itself comes through. */
const protocols = 'pipe,crypto,data,http,https,httpproxy,rtp,rtsp,rtsps,srtp,tcp,tls,udp';

/** A playlist is entered at a place only where the duration of its entries is said; whether it is right does not matter. */
const anySeconds = 100_000_000;

/**
 * The same arguments with `-i rtsp://…` replaced by a playlist of that one entry on standard input
 * (https://ffmpeg.org/ffmpeg-formats.html#concat-1). Arguments without an address stay as they are.
 */
export function withoutAddress(args: readonly string[]): PrivateArguments {
  const at = args.findIndex((argument, i) => args[i - 1] === '-i' && /^(?:rtsps?|https?):\/\//i.test(argument));
  if (at < 0) return { args, input: '' };
  const kept: string[] = [];
  const playlist = ['ffconcat version 1.0', `file ${quoted(args[at] ?? '')}`];
  for (let i = 0; i < at - 1; i++) {
    const [name = '', value = ''] = args.slice(i, i + 2);
    if (ofTheAddress.has(name)) {
      playlist.push(`option ${name.slice(1)} ${value}`);
      i++;
    } else kept.push(name);
  }
  if (kept.includes('-ss')) playlist.push(`duration ${anySeconds}`);
  return {
    args: [
      ...kept,
      // The playlist is read as a stream of its own, which needs no rate either.
      ...['-fpsprobesize', '0', '-f', 'concat', '-safe', '0', '-protocol_whitelist', protocols, '-i', 'pipe:0'],
      ...args.slice(at + 1),
    ],
    input: `${playlist.join('\n')}\n`,
  };
}

/** Nothing but the quote itself means anything between quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
