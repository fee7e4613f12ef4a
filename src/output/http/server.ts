import Fastify, { type FastifyInstance } from 'fastify';
import { ConfigurationError, UserError } from '../../domain/errors.ts';
import { isLoopback } from './address.ts';
import type { DaemonControl } from './control.ts';
import { answerErrors } from './errors.ts';
import { guard } from './guard.ts';
import { healthRoutes } from './health-routes.ts';
import { limits } from './limits.ts';
import { pageRoute } from './page/route.ts';
import { redactDeep } from './redact-deep.ts';
import { streamRoutes } from './stream-routes.ts';

export interface HttpOptions {
  readonly control: DaemonControl;
  /** The exposition that `/metrics` answers with. */
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  /** Takes passwords out of a text; everything that is sent passes through it. */
  readonly redact: (text: string) => string;
  /** An error that no user can mend; the caller of the interface sees none of its text. */
  readonly onFault: (error: Error) => void;
  /** Address to listen on; 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Needed on any address but loopback; see `readToken`. */
  readonly token?: string;
}

/** An HTTP server that listens. */
export interface HttpServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Ends all connections and waits until they are closed. */
  close(): Promise<void>;
}

/**
 * Starts the HTTP interface.
 *
 * @throws ConfigurationError when the address is not loopback and no token is given.
 * @throws UserError when the address cannot be listened on.
 */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const { host = '127.0.0.1', port, token } = options;
  if (token === undefined && !isLoopback(host)) {
    throw new ConfigurationError(
      `The HTTP interface needs a token file to listen on "${host}", which others can reach, but none is configured: name one, or listen on 127.0.0.1`,
    );
  }
  const app = createApp(options);
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw new UserError(
      `The HTTP interface must be able to listen on ${host} port ${port}, but cannot (${codeOf(cause)}): choose another port or stop the program that has it`,
      { cause },
    );
  }
  const close = () => app.close();
  return { host, port: portOf(app, port), close, [Symbol.asyncDispose]: close };
}

function createApp({ control, metrics, redact, onFault, token }: HttpOptions): FastifyInstance {
  const app = Fastify({ logger: false, ...limits.fastify });
  app.server.maxConnections = limits.connections;
  const check = guard(token);
  app.addHook('onRequest', (request, _reply, done) => {
    check(request);
    done();
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
  });
  app.addHook('preSerialization', async (_request, _reply, payload) => redactDeep(payload, redact));
  answerErrors(app, onFault);
  healthRoutes(app, control, token);
  streamRoutes(app, control);
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(redact(await metrics.text())));
  pageRoute(app);
  return app;
}

function portOf(app: FastifyInstance, asked: number): number {
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : asked;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
