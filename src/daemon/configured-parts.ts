/** What a configuration says to decode and to infer with. */
import { availableParallelism } from 'node:os';
import { cacheDirectory } from '../config/cache-directory.ts';
import type { Config } from '../config/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { onnxruntimeEngine } from '../engine/onnxruntime/engine.ts';
import { findFfmpeg, type Ffmpeg } from '../video/ffmpeg/ffmpeg.ts';

/** Throws as `findFfmpeg` does. */
export function configuredFfmpeg({ ffmpeg: { path } }: Pick<Config, 'ffmpeg'>): Promise<Ffmpeg> {
  return findFfmpeg({ configured: path === 'auto' ? undefined : path, cacheDirectory: cacheDirectory() });
}

/** Throws as `onnxruntimeEngine` does. */
export function configuredEngine({ device, threads, batch }: Config): Promise<Engine> {
  return onnxruntimeEngine({
    device,
    threads: threads === 0 ? availableParallelism() : threads,
    workers: batch.in_flight,
  });
}
