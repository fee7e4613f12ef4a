import { afterAll, expect, test } from 'vitest';
import { SessionWorker } from '../../../src/engine/onnxruntime/session-worker.ts';

const worker = new SessionWorker({ device: 'cpu', threads: 1 });
afterAll(() => worker.close());

test('a request that cannot be sent rejects, is not waited for, and keeps its buffers', async () => {
  const sent = new Float32Array(4);
  const request = { kind: 'run', graph: 0, feeds: {}, fetches: [], into: {}, handBack: [] } as const;
  await expect(worker.ask(request, 'ran', [sent.buffer, sent.buffer])).rejects.toThrow(/could not be sent/);
  expect(worker.outstanding).toBe(0);
  expect(sent).toHaveLength(4);
});
