import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DaemonControl, Health } from './control.ts';
import { isTrusted } from './guard.ts';

/** `/healthz` and `/readyz`: 200 or 503; the reasons only for those who may see them. */
export function healthRoutes(
  app: FastifyInstance,
  control: Pick<DaemonControl, 'health' | 'readiness'>,
  token: string | undefined,
): void {
  const answer = async (health: Promise<Health>, request: FastifyRequest, reply: FastifyReply) => {
    const { ok, reasons } = await health;
    return reply.code(ok ? 200 : 503).send(isTrusted(request, token) ? { ok, reasons } : { ok });
  };
  app.get('/healthz', (request, reply) => answer(control.health(), request, reply));
  app.get('/readyz', (request, reply) => answer(control.readiness(), request, reply));
}
