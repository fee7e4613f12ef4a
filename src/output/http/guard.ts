import type { FastifyRequest } from 'fastify';
import { hostOf, isLoopback } from './address.ts';
import { HttpError } from './errors.ts';
import { carriesToken } from './token.ts';

/** Routes that tell too little to need a token: probes by an orchestrator, and the empty page. */
const open = new Set(['/healthz', '/readyz', '/']);

/**
 * Who may ask.
 *
 * With a token: whoever carries it. Without: whoever is on this machine, except pages of
 * other sites that the browser of this machine has open; their requests show themselves by
 * the `Origin` that they carry, or by a `Host` that their owner pointed here.
 */
export function guard(token: string | undefined) {
  return (request: FastifyRequest): void => {
    if (token === undefined) {
      refuseOtherSites(request);
      return;
    }
    if (isOpen(request) || carriesToken(request.headers.authorization, token)) return;
    throw new HttpError(
      401,
      'This needs the header "Authorization: Bearer TOKEN" with the token of the credential file',
    );
  };
}

/** Whether the caller may see more than yes or no. */
export function isTrusted(request: FastifyRequest, token: string | undefined): boolean {
  return token === undefined || carriesToken(request.headers.authorization, token);
}

function isOpen(request: FastifyRequest): boolean {
  return open.has(request.routeOptions.url ?? '');
}

function refuseOtherSites({ headers }: FastifyRequest): void {
  const host = headers.host ?? '';
  if (!isLoopback(hostOf(host))) {
    throw new HttpError(
      403,
      'The Host header must name this machine (localhost, 127.0.0.1 or [::1]) while no token is set',
    );
  }
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${host}`) {
    throw new HttpError(403, 'Requests from pages of other sites are refused');
  }
}
