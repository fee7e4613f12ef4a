import type { FastifyInstance } from 'fastify';

export interface MetricsText {
  text(): Promise<string>;
  readonly contentType: string;
}

/** `/metrics`. Only values of labels can hold a secret; a metric's name stays, also where a password is a word of it. */
export function metricsRoute(app: FastifyInstance, metrics: MetricsText, redact: (text: string) => string): void {
  app.get('/metrics', async (_request, reply) => {
    const shown = new Map<string, string>();
    const text = (await metrics.text()).replace(/"(?:[^"\\]|\\.)*"/g, (label) => {
      const before = shown.get(label);
      if (before !== undefined) return before;
      const after = redact(label);
      shown.set(label, after);
      return after;
    });
    return reply.type(metrics.contentType).send(text);
  });
}
