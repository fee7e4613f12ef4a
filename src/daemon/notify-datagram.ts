import { createRequire } from 'node:module';
import type { DgramSocket } from 'node-unix-socket';

/** Loaded at the first use only: the addon is missing on platforms that it is not built for. */
const require = createRequire(import.meta.url);

/**
 * Sends the message as one datagram from this process.
 *
 * A socket per message: messages are seconds apart, and an open socket would keep the
 * process from ending.
 */
export async function sendByDatagram(path: string, message: string): Promise<void> {
  const { DgramSocket: Socket } = require('node-unix-socket') as { DgramSocket: new () => DgramSocket };
  const socket = new Socket();
  const bytes = Buffer.from(message);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.sendTo(bytes, 0, bytes.length, path, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  } finally {
    socket.close();
  }
}
