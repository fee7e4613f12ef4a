/** Resident memory of a program and its ffmpeg while it runs. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { childrenOf, residentBytes } from '../../test/rig/processes.ts';
import { leastSquares } from '../least-squares.ts';

/** MiB; the slope and its standard error in KiB per 1,000 frames, without the first fifth of the run. */
export interface ResidentMemory {
  readonly frames: number;
  readonly peak: number;
  readonly decoderPeak: number;
  readonly slope: number;
  readonly slopeError: number;
}

const everyMs = 1000;
const mebibyte = 2 ** 20;

/** Watches `child`, an `edge-cls run --json` over `frames` frames, until it ends. */
export async function residentMemory(child: ChildProcess, frames: number): Promise<ResidentMemory> {
  const { pid } = child;
  if (pid === undefined) throw new Error('the program did not start');
  const own: number[] = [];
  const decoders: number[] = [];
  const timer = setInterval(() => {
    own.push(residentBytes(pid));
    decoders.push(childrenOf(pid).reduce((sum, one) => sum + residentBytes(one.pid), 0));
  }, everyMs);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`edge-cls run ended with ${code}`);
  // The last look may have met a process on its way out.
  const settled = own.slice(Math.ceil(own.length / 5), -1);
  const { slope, error } = leastSquares(settled.map((bytes, second) => [second, bytes]));
  const kibibytesPer1000 = (1000 * own.length) / frames / 1024;
  return {
    frames,
    peak: Math.max(...own) / mebibyte,
    decoderPeak: Math.max(...decoders) / mebibyte,
    slope: slope * kibibytesPer1000,
    slopeError: error * kibibytesPer1000,
  };
}
