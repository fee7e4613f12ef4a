/** Videos and pictures made by ffmpeg's generators, in a directory that goes away. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A temporary directory, removed by `using` or by `remove`. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'edge-cls-test-'));
  const remove = () => rmSync(path, { recursive: true, force: true });
  return { path, remove, [Symbol.dispose]: remove };
}

/** Runs the system's ffmpeg; throws with its words when it fails. */
export function ffmpeg(...args: string[]): Buffer {
  return execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args], { maxBuffer: 1 << 28 });
}

export interface TestVideo {
  readonly size?: string;
  readonly rate?: number;
  readonly seconds?: number;
  /** Further arguments of the encoder. */
  readonly output?: readonly string[];
}

/** The moving test picture of ffmpeg, in H.264 unless `output` says otherwise. Returns the path. */
export function makeVideo(
  path: string,
  { size = '160x120', rate = 10, seconds = 2, output = [] }: TestVideo = {},
): string {
  const input = `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`;
  ffmpeg('-f', 'lavfi', '-i', input, '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...output, path);
  return path;
}

/** One picture of one colour, as `0xRRGGBB`. */
export function makePicture(path: string, size: string, colour: string, ...output: string[]): string {
  ffmpeg(
    '-f',
    'lavfi',
    '-i',
    `color=${colour}:size=${size}`,
    '-frames:v',
    '1',
    '-update',
    '1',
    ...output,
    `file:${path}`,
  );
  return path;
}

/** Packed RGB of one frame by a path through ffmpeg that shares nothing with the product's. */
export function rgbFrame(path: string, index: number): Buffer {
  const select = `select=eq(n\\,${index})`;
  return ffmpeg('-i', path, '-vf', select, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1');
}
