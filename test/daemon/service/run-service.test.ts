import { afterAll, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/load.ts';
import { runService } from '../../../src/daemon/service/run-service.ts';
import { temporaryDirectory } from '../../support/videos.ts';

const directory = temporaryDirectory();
afterAll(() => directory.remove());

describe('the start of a service', () => {
  it('refuses an address that others can reach without a token, before a device is looked for', async () => {
    const config = resolveConfig({
      overrides: {
        device: 'cuda',
        state_directory: directory.path,
        http: { host: '0.0.0.0' },
        streams: [{ name: 'door', source: 'rtsp://door/1' }],
      },
    });
    const starting = runService(config, {
      load: () => Promise.resolve(config),
      notices: [],
      path: 'edge-cls.yaml',
      signal: new AbortController().signal,
      onReloadSignal: () => ({ [Symbol.dispose]: () => undefined }),
    });
    await expect(starting).rejects.toThrow('needs a token file to listen on "0.0.0.0"');
  });
});
