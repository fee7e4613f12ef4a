import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { newDirectory } from './directory.ts';

const script = fileURLToPath(new URL('./killed-search.ts', import.meta.url));

/** Runs the search; kills it with SIGKILL once it has announced so many epochs. Its result, or null. */
async function run(directory: string, killAfter: number): Promise<unknown> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, directory, 'asha'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let epochs = 0;
  let result: unknown = null;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'epoch' && ++epochs === killAfter) child.kill('SIGKILL');
    if (line.startsWith('result ')) result = JSON.parse(line.slice('result '.length));
  }
  return result;
}

describe('a search killed with SIGKILL', () => {
  it('should come to the same end, training at most the killed epochs again (#439)', async () => {
    const whole = newDirectory();
    const expected = await run(whole, Infinity);
    const directory = join(newDirectory(), 'project');
    mkdirSync(directory);
    let kills = 0;
    let result: unknown = null;
    while (result === null && kills < 10) {
      result = await run(directory, 5);
      if (result === null) kills++;
    }
    expect(kills).toBeGreaterThan(2);
    expect(result).toEqual(expected);
    const trained = (path: string) => readFileSync(join(path, 'trained.txt'), 'utf8').trim().split('\n').length;
    expect(trained(directory) - trained(whole)).toBeLessThanOrEqual(kills);
  });
});
