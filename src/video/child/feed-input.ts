/** Bytes into a child's standard input, as fast as it takes them. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Resolves when all has been taken, or the child takes no more; rejects with what the bytes fail with. */
export async function feedInput(input: Writable, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const closed = input.closed ? Promise.resolve() : once(input, 'close').catch(() => undefined);
  for await (const chunk of bytes) {
    if (input.destroyed) return;
    if (!input.write(chunk)) await Promise.race([once(input, 'drain').catch(() => undefined), closed]);
  }
  input.end();
}
