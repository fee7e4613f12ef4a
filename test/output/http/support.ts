import { UserError } from '../../../src/domain/errors.ts';
import type { DaemonControl, Health, StreamStatus } from '../../../src/output/http/control.ts';
import { startHttpServer, type HttpOptions, type HttpServer } from '../../../src/output/http/server.ts';

export function status(name: string, more: Partial<StreamStatus> = {}): StreamStatus {
  return {
    name,
    state: 'live',
    paused: false,
    source: 'rtsp://camera/stream1',
    framesPerSecond: 5,
    framesReceived: 100,
    framesClassified: 98,
    framesDropped: { stale: 2, backpressure: 0 },
    ...more,
  };
}

/** A daemon that remembers what it was told; streams hold state, so answers can be checked. */
export class MemoryDaemon implements DaemonControl {
  list: StreamStatus[] = [status('gate'), status('yard')];
  healthy: Health = { ok: true, reasons: [] };
  ready: Health = { ok: true, reasons: [] };
  calls: string[] = [];
  failure: Error | undefined;

  health = () => Promise.resolve(this.healthy);
  readiness = () => Promise.resolve(this.ready);
  streams = () => Promise.resolve(this.list);
  pause = (name: string) => this.#do(`pause ${name}`, name, { paused: true });
  resume = (name: string) => this.#do(`resume ${name}`, name, { paused: false });
  restart = (name: string) => this.#do(`restart ${name}`, name, { state: 'connecting' });
  activateAdapter = (name: string, digest: string) =>
    this.#do(`activate ${name} ${digest}`, name, { adapter: { digest, resolution: '1280x720' } });
  rollBackAdapter = (name: string) =>
    name === 'yard'
      ? Promise.reject(new UserError('The stream "yard" has no adapter before this one'))
      : this.#do(`rollback ${name}`, name, {});
  reload = async () => {
    await this.#do('reload', '', {});
    return { added: ['dock'], changed: [], removed: [], taken: ['streams'], needsRestart: ['http.port'] };
  };

  #do(call: string, name: string, change: Partial<StreamStatus>): Promise<void> {
    this.calls.push(call);
    if (this.failure) return Promise.reject(this.failure);
    this.list = this.list.map((each) => (each.name === name ? { ...each, ...change } : each));
    return Promise.resolve();
  }
}

/** Hides the user part of a URL: enough to see whether what is sent passes through the redactor. */
export const hidePasswords = (text: string) => text.replace(/\/\/[^@\s/"]*@/g, '//***@');

export function start(control: DaemonControl, more: Partial<HttpOptions> = {}): Promise<HttpServer> {
  return startHttpServer({
    control,
    metrics: { text: () => Promise.resolve('edge_cls_up 1\n'), contentType: 'text/plain; version=0.0.4' },
    redact: hidePasswords,
    onFault: (error) => {
      throw error;
    },
    port: 0,
    ...more,
  });
}
