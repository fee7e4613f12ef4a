import { describe, expect, it } from 'vitest';
import { programCost } from '../../../src/daemon/bench/program-cost.ts';

const busy = `${process.execPath} -e 'const held = Buffer.alloc(2e8, 1); while (process.cpuUsage().user < 6e5); console.log(held.length)'`;

describe.skipIf(process.platform !== 'linux')('programCost', () => {
  it('counts processor time and memory of all that a line of the shell starts', async () => {
    const { seconds, coreSeconds, peakBytes, stdout } = await programCost(`${busy} & ${busy}; wait`);
    expect(stdout).toBe('200000000\n200000000');
    expect(seconds).toBeGreaterThan(0.6);
    expect(coreSeconds).toBeGreaterThan(1.2);
    expect(peakBytes).toBeGreaterThan(3.5e8);
  });

  it('counts no processor time for one that waits', async () => {
    expect((await programCost('sleep 0.3')).coreSeconds).toBeLessThan(0.2);
  });

  it('refuses one that fails, with its last words', async () => {
    await expect(programCost('echo first >&2; echo no such model >&2; exit 3')).rejects.toThrow(
      /exit code 3.*no such model$/,
    );
  });
});
