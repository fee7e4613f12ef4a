/** Which connections stay when more come than are served at a time. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  readonly all: number;
  readonly perAddress: number;
  /** Even while they come faster than those beyond the other limits can be chosen and closed. */
  readonly atOnce: number;
}

/**
 * Keeps room for who asks something: where there are too many connections, those that have been idle
 * for longest go, first those of the addresses that have the most. Idle is who has asked nothing, has
 * not sent his whole request yet, or has his answer. Nobody who waits for an answer loses it.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #open = new Map<Socket, string>();
  readonly #counts = new Map<string, number>();
  /** In the order in which they became idle. */
  readonly #idle = new Set<Socket>();

  constructor(server: Server, limits: ConnectionLimits) {
    this.#limits = limits;
    server.on('connection', (socket) => this.#opened(socket));
  }

  /** An answer is being made. */
  working(socket: Socket): void {
    this.#idle.delete(socket);
  }

  answered(socket: Socket): void {
    if (this.#open.has(socket)) this.#idle.add(socket);
  }

  #opened(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    this.#open.set(socket, address);
    this.#counts.set(address, this.#count(address) + 1);
    socket.once('close', () => this.#closed(socket, address));
    if (this.#open.size > this.#limits.atOnce) this.#close(this.#idle.values().next().value ?? socket);
    // Not idle before its request, which is often there already, had its turn to be read.
    setImmediate(() =>
      setImmediate(() => {
        this.answered(socket);
        this.#makeRoom();
      }),
    );
  }

  #makeRoom(): void {
    const { all, perAddress } = this.#limits;
    for (const socket of this.#idle) {
      if (this.#count(this.#open.get(socket) ?? '') > perAddress) this.#close(socket);
    }
    while (this.#open.size > all) {
      const idle = [...this.#idle];
      const most = Math.max(...idle.map((socket) => this.#count(this.#open.get(socket) ?? '')));
      const socket = idle.find((candidate) => this.#count(this.#open.get(candidate) ?? '') === most);
      if (!socket) return;
      this.#close(socket);
    }
  }

  #close(socket: Socket): void {
    this.#closed(socket, this.#open.get(socket) ?? '');
    socket.destroy();
  }

  /** Told twice of a connection that was closed from here. */
  #closed(socket: Socket, address: string): void {
    if (!this.#open.delete(socket)) return;
    this.#idle.delete(socket);
    const left = this.#count(address) - 1;
    if (left > 0) this.#counts.set(address, left);
    else this.#counts.delete(address);
  }

  #count(address: string): number {
    return this.#counts.get(address) ?? 0;
  }
}
