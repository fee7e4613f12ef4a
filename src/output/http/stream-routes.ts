import type { FastifyInstance } from 'fastify';
import { parseAdapterRequest } from './adapter-request.ts';
import type { DaemonControl, StreamStatus } from './control.ts';
import { HttpError } from './errors.ts';

interface Named {
  Params: { name: string };
}

/** `/api/v1`: what the streams do, and what they shall do. */
export function streamRoutes(app: FastifyInstance, control: DaemonControl): void {
  const find = async (name: string): Promise<StreamStatus> => {
    const stream = (await control.streams()).find((status) => status.name === name);
    if (!stream) throw new HttpError(404, `There is no stream "${name.slice(0, 100)}": GET /api/v1/streams lists them`);
    return stream;
  };

  app.get('/api/v1/streams', async () => ({ streams: await control.streams() }));
  app.get<Named>('/api/v1/streams/:name', async ({ params }) => find(params.name));

  for (const verb of ['pause', 'resume', 'restart'] as const) {
    app.post<Named>(`/api/v1/streams/:name/${verb}`, async ({ params }) => {
      await find(params.name);
      await control[verb](params.name);
      return find(params.name);
    });
  }

  app.post<Named>('/api/v1/streams/:name/adapter', async ({ params, body }) => {
    const wanted = parseAdapterRequest(body);
    await find(params.name);
    if ('activate' in wanted) await control.activateAdapter(params.name, wanted.activate);
    else await control.rollBackAdapter(params.name);
    return find(params.name);
  });

  app.post('/api/v1/reload', () => control.reload());
}
