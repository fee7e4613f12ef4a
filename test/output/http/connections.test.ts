import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Connections } from '../../../src/output/http/connections.ts';

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  closed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.closed = true;
    this.emit('close');
  }
}

function served(limits: { all: number; perAddress: number; atOnce: number }) {
  const server = new EventEmitter();
  const connections = new Connections(server as unknown as Server, limits);
  const opened = async (address: string) => {
    const socket = new FakeSocket(address);
    server.emit('connection', socket);
    for (let turn = 0; turn < 4; turn++) await setImmediate();
    return socket as unknown as FakeSocket & Socket;
  };
  return { connections, opened };
}

const limits = { all: 2, perAddress: 2, atOnce: 10 };

describe('connections', () => {
  it('closes the one that has been idle for longest', async () => {
    const { opened } = served(limits);
    const [first, second, third] = [await opened('a'), await opened('b'), await opened('c')];
    expect([first, second, third].map(({ closed }) => closed)).toEqual([true, false, false]);
  });

  it('takes an answer for a new beginning of being idle', async () => {
    const { connections, opened } = served(limits);
    const [first, second] = [await opened('a'), await opened('b')];
    connections.working(first);
    connections.answered(first);
    await opened('c');
    expect([first, second].map(({ closed }) => closed)).toEqual([false, true]);
  });

  it('never closes one that waits for its answer', async () => {
    const { connections, opened } = served(limits);
    const [first, second] = [await opened('a'), await opened('b')];
    connections.working(first);
    connections.working(second);
    const third = await opened('c');
    expect([first, second, third].map(({ closed }) => closed)).toEqual([false, false, true]);
  });

  it('does not take one that has gone for one that it could close', async () => {
    const { connections, opened } = served({ all: 10, perAddress: 10, atOnce: 2 });
    const gone = await opened('a');
    connections.working(gone);
    gone.destroy();
    connections.answered(gone);
    const [second] = [await opened('b'), await opened('c'), await opened('d')];
    expect(second.closed).toBe(true);
  });

  it('begins with the address that has the most', async () => {
    const { opened } = served({ ...limits, all: 3 });
    const sockets = [await opened('a'), await opened('b'), await opened('b'), await opened('c')];
    expect(sockets.map(({ closed }) => closed)).toEqual([false, true, false, false]);
  });
});
