/** Asks a server by itself for what ffmpeg does not tell: whether fragments of MP4 that it sends come to an end. */
import { get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { get as getEncrypted } from 'node:https';
import { encodedAddress } from './address.ts';

const redirects = 5;
const headBytes = 1 << 16;

/**
 * True where an MP4 in fragments comes without a length. ffmpeg takes the length of the first fragment for that of the
 * whole, but a camera makes them for ever. False where it is not so, and where the server does not say.
 */
export async function isEndlessFragments(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    let address = new URL(encodedAddress(url));
    for (let i = 0; i <= redirects; i++) {
      const answer = await asked(address, signal);
      try {
        const { location, 'content-length': length, 'content-range': range } = answer.headers;
        if (location === undefined) {
          return length === undefined && range === undefined && isFragmented(await headOf(answer));
        }
        address = new URL(location, address);
      } finally {
        answer.destroy();
      }
    }
  } catch {
    // What ffmpeg could open is not refused for what a second look did not see.
  }
  return false;
}

function asked(address: URL, signal: AbortSignal): Promise<IncomingMessage> {
  // ffmpeg does not verify certificates either: cameras sign their own.
  const options: RequestOptions & { rejectUnauthorized: false } = { signal, agent: false, rejectUnauthorized: false };
  const get = address.protocol === 'https:' ? getEncrypted : getPlain;
  return new Promise((resolve, reject) => {
    get(address, options, resolve).on('error', reject);
  });
}

async function headOf(answer: IncomingMessage): Promise<string> {
  let head = '';
  for await (const bytes of answer) {
    head += (bytes as Buffer).toString('latin1');
    if (head.length >= headBytes || head.includes('moof')) break;
  }
  return head;
}

/** The box that says so is in the index (ISO/IEC 14496-12, movie extends). */
function isFragmented(head: string): boolean {
  return head.slice(4, 8) === 'ftyp' && head.includes('mvex');
}
