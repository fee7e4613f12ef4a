/** Waiting for what the service does. */
import type { Program } from '../../test/rig/program.ts';

const limitSeconds = 120;

/** Rejects with the end of the service's log when it does not come to hold. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, service: Program): Promise<void> {
  const end = performance.now() + 1000 * limitSeconds;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what} within ${limitSeconds} s\n${service.output.slice(-3000)}`);
    await sleep(200);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
