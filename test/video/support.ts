import type { Frame } from '../../src/domain/frame.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { findFfmpeg } from '../../src/video/ffmpeg/ffmpeg.ts';
import { probe } from '../../src/video/source/probe.ts';
import { openSource, type Exit, type Source, type SourceOptions } from '../../src/video/source/source.ts';
import { parseSource } from '../../src/video/source/source-spec.ts';

export const ffmpeg = await findFfmpeg({ env: { PATH: process.env['PATH'] } });

export interface Opened {
  readonly source: Source;
  readonly drops: string[];
}

/** Opens without starting: probed, lossless, small unless said otherwise. */
export async function open(path: string, options: Partial<SourceOptions> = {}): Promise<Opened> {
  const spec = options.spec ?? parseSource(path);
  const info = options.info ?? (await probe(spec, options.ffmpeg ?? ffmpeg));
  const drops: string[] = [];
  const source = openSource({
    stream: 'test',
    spec,
    info,
    grid: { width: 32, height: 24 },
    lossless: true,
    slots: 3,
    stallSeconds: 30,
    clock: systemClock,
    ffmpeg,
    onDrop: (reason) => drops.push(reason),
    ...options,
  });
  return { source, drops };
}

export interface Read {
  readonly frames: readonly Frame[];
  readonly exit: Exit;
  readonly drops: readonly string[];
  readonly error: unknown;
}

/** Reads to the end; the frames' pixels are copies, the slots are given back at once. */
export async function readAll(path: string, options: Partial<SourceOptions> = {}): Promise<Read> {
  const { source, drops } = await open(path, options);
  const frames: Frame[] = [];
  const error = await new Promise<unknown>((resolve) => {
    source.frames$.subscribe({
      next: (frame) => {
        frames.push({ ...frame, pixels: frame.pixels.slice() });
        source.release(frame.pixels);
      },
      error: resolve,
      complete: () => resolve(undefined),
    });
  });
  return { frames, exit: await source.exited, drops, error };
}

/** Mean of each plane. */
export function planeMeans({ pixels, grid }: Frame): number[] {
  const size = grid.width * grid.height;
  return [0, 1, 2].map((plane) => {
    let sum = 0;
    for (const value of pixels.subarray(plane * size, (plane + 1) * size)) sum += value;
    return sum / size;
  });
}
