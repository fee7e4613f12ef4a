import { HttpError } from './errors.ts';

export type AdapterRequest = { readonly activate: string } | { readonly rollback: true };

/**
 * The body of `POST /api/v1/streams/:name/adapter`.
 *
 * @throws HttpError 400 unless it is exactly `{"activate": digest}` or `{"rollback": true}`.
 */
export function parseAdapterRequest(body: unknown): AdapterRequest {
  if (typeof body === 'object' && body !== null && Object.keys(body).length === 1) {
    if ('activate' in body && typeof body.activate === 'string' && isDigest(body.activate)) {
      return { activate: body.activate };
    }
    if ('rollback' in body && body.rollback === true) return { rollback: true };
  }
  throw new HttpError(
    400,
    'The body must be {"activate": DIGEST} with at least 8 hexadecimal digits of an adapter\'s digest, or {"rollback": true}',
  );
}

function isDigest(text: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{8,64}$/.test(text);
}
