import type { FastifyError, FastifyInstance } from 'fastify';
import { ConfigurationError, UserError } from '../../domain/errors.ts';

/** An answer other than success: one sentence for the caller. */
export class HttpError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

/**
 * Every error is `{"error": sentence}`. What the user can mend carries its own sentence; a
 * fault of the program is told to `onFault` and answered without its text.
 */
export function answerErrors(app: FastifyInstance, onFault: (error: Error) => void): void {
  app.setErrorHandler<FastifyError | Error>(async (error, _request, reply) => {
    const status = statusOf(error);
    if (status === 500) onFault(error);
    if (status === 401) reply.header('www-authenticate', 'Bearer realm="edge-cls"');
    return reply
      .code(status)
      .send({ error: status === 500 ? 'The daemon failed to answer: see its log' : error.message });
  });
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send({ error: `There is no ${request.method} ${pathOf(request.url)}` }),
  );
}

function statusOf(error: FastifyError | Error): number {
  if (error instanceof HttpError) return error.statusCode;
  // A bad configuration is the caller's file; anything else that is refused is a state of the stream.
  if (error instanceof ConfigurationError) return 422;
  if (error instanceof UserError) return 409;
  // Fastify's own refusals: too large, not JSON, a bad URL.
  const status = 'statusCode' in error ? error.statusCode : undefined;
  return status !== undefined && status >= 400 && status < 500 ? status : 500;
}

function pathOf(url: string): string {
  return (url.split('?')[0] ?? url).slice(0, 100);
}
