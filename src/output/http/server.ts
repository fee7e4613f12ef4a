import Fastify, { type FastifyInstance } from 'fastify';
import { ConfigurationError } from '../../domain/errors.ts';
import { isLoopback } from './address.ts';
import { Connections } from './connections.ts';
import type { DaemonControl } from './control.ts';
import { answerErrors } from './errors.ts';
import { guard } from './guard.ts';
import { healthRoutes } from './health-routes.ts';
import { limits } from './limits.ts';
import { metricsRoute, type MetricsText } from './metrics-route.ts';
import { pageRoute } from './page/route.ts';
import { redactDeep } from './redact-deep.ts';
import { streamRoutes } from './stream-routes.ts';

export interface HttpOptions {
  readonly control: DaemonControl;
  /** The exposition that `/metrics` answers with. */
  readonly metrics: MetricsText;
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

/** Throws a ConfigurationError for an address that others can reach without a token. Nothing is opened. */
export function refuseUnguarded(host: string, token: string | undefined): void {
  if (token !== undefined || isLoopback(host)) return;
  throw new ConfigurationError(
    `The HTTP interface needs a token file to listen on "${host}", which others can reach, but none is configured: name one, or listen on 127.0.0.1`,
  );
}

/**
 * Starts the HTTP interface.
 *
 * @throws ConfigurationError when the address is not loopback and no token is given, or when it
 * cannot be listened on: started again, the daemon would fail again.
 */
export async function startHttpServer(options: HttpOptions): Promise<HttpServer> {
  const { host = '127.0.0.1', port, token } = options;
  refuseUnguarded(host, token);
  const app = createApp(options);
  try {
    await app.listen({ host, port, backlog: limits.backlog });
  } catch (cause) {
    await app.close();
    throw new ConfigurationError(
      `The HTTP interface must be able to listen on ${host} port ${port}, but cannot (${codeOf(cause)}): ${mendOf(cause)}`,
      { cause },
    );
  }
  const close = () => app.close();
  return { host, port: portOf(app, port), close, [Symbol.asyncDispose]: close };
}

function createApp({ control, metrics, redact, onFault, token }: HttpOptions): FastifyInstance {
  const app = Fastify({ logger: false, ...limits.fastify });
  const connections = new Connections(app.server, limits.connections);
  const check = guard(token);
  app.addHook('onRequest', (request, _reply, done) => {
    check(request);
    done();
  });
  app.addHook('preHandler', (request, _reply, next) => {
    connections.working(request.socket);
    next();
  });
  app.addHook('onResponse', (request, _reply, next) => {
    connections.answered(request.socket);
    next();
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
  });
  app.addHook('preSerialization', async (_request, _reply, payload) => redactDeep(payload, redact));
  answerErrors(app, onFault);
  healthRoutes(app, control, token);
  streamRoutes(app, control);
  metricsRoute(app, metrics, redact);
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

function mendOf(error: unknown): string {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return 'set http.port to another one, or stop the program that has it';
    case 'EACCES':
      return 'set http.port to one above 1023';
    default:
      return 'set http.host to an address of this machine, such as 127.0.0.1';
  }
}
