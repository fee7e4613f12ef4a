/**
 * Asks with a socket whether anything listens at an address, and an RTSP camera whether it says a word: to be refused or
 * to wait in vain costs an ffmpeg a tenth of a second of CPU, and its start stops the daemon for up to 50 ms.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parseAddress } from './address.ts';
import { SourceError, type SourceFailure } from './source-error.ts';
import { describeSource, type SourceSpec } from './source-spec.ts';

const ports: Readonly<Record<string, number>> = { rtsp: 554, rtsps: 322, http: 80, https: 443 };

const verdicts: Readonly<Record<string, readonly [SourceFailure, string]>> = {
  ECONNREFUSED: ['refused', 'nothing listens at this address'],
  EAI_AGAIN: ['dns', 'its host name is not known'],
  ENOTFOUND: ['dns', 'its host name is not known'],
  EHOSTDOWN: ['timeout', 'it does not answer'],
  EHOSTUNREACH: ['timeout', 'it does not answer'],
  ENETUNREACH: ['timeout', 'it does not answer'],
  ETIMEDOUT: ['timeout', 'it does not answer'],
};

/** What comes in between is not ours to say: ffmpeg connects through a proxy by itself, to all but plain RTSP. */
const proxied = (scheme: string) => scheme !== 'rtsp' && process.env['http_proxy'] !== undefined;

/** Each attempt has an object of its own: who has answered its probe is not asked again for its decoder. */
const answered = new WeakSet<SourceSpec>();

/** Throws a SourceError where certainly nothing answers there; the signal's reason when aborted. */
export async function knock(
  spec: SourceSpec,
  { signal, timeoutMs }: { readonly signal?: AbortSignal | undefined; readonly timeoutMs: number },
): Promise<void> {
  const { scheme, host = '', rest = '' } = ('url' in spec ? parseAddress(spec.url) : undefined) ?? { scheme: '' };
  const [, name = '', port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(host) ?? [];
  const at = Number(port ?? ports[scheme]);
  if (!(at > 0 && at < 65_536) || proxied(scheme) || answered.has(spec)) return;
  const limit = AbortSignal.timeout(timeoutMs);
  const socket = connect({ host: name, port: at, autoSelectFamilyAttemptTimeout: 1000 });
  socket.on('error', () => undefined);
  const until = signal ? AbortSignal.any([signal, limit]) : limit;
  try {
    await once(socket, 'connect', { signal: until });
    if (scheme === 'rtsp') await answer(socket, `rtsp://${host}${rest}`, until);
    answered.add(spec);
  } catch (error) {
    signal?.throwIfAborted();
    if (limit.aborted) {
      const sentence = `the source ${describeSource(spec)} must answer within ${timeoutMs / 1000} s, but does not`;
      throw new SourceError(sentence, 'timeout');
    }
    const { code = '' } = error as NodeJS.ErrnoException;
    const [reason, sentence] = verdicts[code] ?? [];
    if (reason === undefined) return;
    throw new SourceError(`the source ${describeSource(spec)} gives no frames: ${sentence ?? code}`, reason, {
      cause: error,
    });
  } finally {
    socket.destroy();
  }
}

/** Anything, or a hanging up, on what ffmpeg begins with, too (RFC 2326, 10.1). What it means is for ffmpeg to say. */
async function answer(socket: Socket, url: string, signal: AbortSignal): Promise<void> {
  socket.write(`OPTIONS ${url} RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
  await Promise.race([once(socket, 'readable', { signal }), once(socket, 'close', { signal })]);
}
