/** A TCP proxy in front of a camera that does what networks and cameras do at their worst. */
import { once } from 'node:events';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { Interleaved, type RtpEdit } from './interleaved.ts';

/**
 * `forward` passes everything; `black hole` accepts and reads, and passes nothing on; `refuse`
 * closes every new connection; `busy` answers every request with 453, `unauthorized` with 401;
 * `garbage` sends noise instead of what the camera sends.
 */
export type NetworkMode = 'forward' | 'black hole' | 'refuse' | 'busy' | 'unauthorized' | 'garbage';

interface Pair {
  readonly client: Socket;
  readonly camera: Socket;
}

export class FaultyNetwork implements AsyncDisposable {
  mode: NetworkMode = 'forward';
  /** Holds back what the camera sends, milliseconds. */
  delayMs = 0;
  /** Changes the RTP packets that go by. */
  edit: RtpEdit | undefined;
  /** Connections that were made to it so far. */
  connections = 0;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Listens on a free port of the loopback. `cameraPort` is asked at every connection. */
  static async start(cameraPort: () => number): Promise<FaultyNetwork> {
    const server = createServer({ pauseOnConnect: true });
    const network = new FaultyNetwork(server);
    server.on('connection', (client) => network.#accept(client, cameraPort()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return network;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Resets the connections that there are. */
  cut(): void {
    for (const { client, camera } of this.#pairs) {
      client.resetAndDestroy();
      camera.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket, cameraPort: number): void {
    this.connections++;
    client.on('error', () => undefined);
    if (this.mode === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const camera = connect(cameraPort, '127.0.0.1');
    const pair = { client, camera };
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      camera.destroy();
    };
    for (const socket of [client, camera]) {
      socket.on('error', end);
      socket.on('close', end);
    }
    const packets = new Interleaved((packet) => this.edit?.(packet));
    client.on('data', (data: Buffer) => this.#fromClient(data, pair));
    camera.on('data', (data: Buffer) => this.#fromCamera(packets.push(data), client));
    client.resume();
  }

  #fromClient(data: Buffer, { client, camera }: Pair): void {
    if (this.mode === 'busy') client.write(answer(data, '453 Not Enough Bandwidth'));
    else if (this.mode === 'unauthorized')
      client.write(answer(data, '401 Unauthorized', 'WWW-Authenticate: Basic realm="camera"'));
    else if (this.mode !== 'black hole') camera.write(data);
  }

  #fromCamera(data: Buffer, client: Socket): void {
    const sent = this.mode === 'garbage' ? noise(data.length) : data;
    if (this.mode === 'black hole') return;
    if (this.delayMs === 0) client.write(sent);
    else setTimeout(() => client.destroyed || client.write(sent), this.delayMs);
  }
}

function answer(request: Buffer, status: string, ...headers: string[]): string {
  const sequence = /^CSeq: *(\d+)/im.exec(request.toString('latin1'))?.[1] ?? '1';
  return [`RTSP/1.0 ${status}`, `CSeq: ${sequence}`, ...headers, '', ''].join('\r\n');
}

/** The same noise in every run. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24),
  );
}
