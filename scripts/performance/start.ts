/** What a start costs: CPU until `--version` has answered, and until `run` has classified its first frame. */
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { median } from '../../src/domain/median.ts';
import { childrenOf, cpuSeconds } from '../../test/rig/processes.ts';

const root = join(import.meta.dirname, '../..');
const program = ['--single-threaded-gc', join(root, 'dist/main.js')];
const rounds = 5;

const starts: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['node -e 0', ['-e', 'console.log(0)']],
  ['edge-cls --version', [...program, '--version']],
  [
    'edge-cls run, first frame',
    [...program, 'run', join(root, 'samples/demo.mp4'), '--device', 'cpu', '--events', '-', '--every-frame'],
  ],
];

let bare = 0;
for (const [name, args] of starts) {
  const seconds: number[] = [];
  for (let round = 0; round < rounds; round++) seconds.push(await untilFirstLine(args));
  const middle = median(seconds);
  if (bare === 0) bare = middle;
  console.log(`${name.padEnd(26)} ${middle.toFixed(2)} s of CPU, ${(middle / bare).toFixed(1)} times a bare Node.js`);
}

/** CPU of the process and its children when the first line is out, seconds. */
async function untilFirstLine(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'close');
  await once(child.stdout, 'data');
  const { pid = 0 } = child;
  const seconds = [pid, ...childrenOf(pid).map((decoder) => decoder.pid)].reduce((sum, id) => sum + cpuOf(id), 0);
  child.kill('SIGKILL');
  await ended;
  return seconds;
}

function cpuOf(pid: number): number {
  const { own, reaped } = cpuSeconds(pid);
  return own + reaped;
}
