/** Makes inputs with ffmpeg out of one scene, and asks ffprobe what is in them. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Size } from '../../src/domain/frame.ts';

const demo = join(import.meta.dirname, '../../samples/demo.mp4');

export const sceneFrames = 24;
export const sceneRate = 12;
export const sceneSize: Size = { width: 1280, height: 720 };

export class Workshop {
  readonly folder: string;
  readonly #ffmpeg: string;

  constructor(folder: string, ffmpeg: string) {
    this.folder = folder;
    this.#ffmpeg = ffmpeg;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** The plain version: RGB, square pixels, constant rate, no loss. */
  scene({ width, height }: Size = sceneSize): string {
    const path = this.path(`scene-${width}x${height}.mkv`);
    if (existsSync(path)) return path;
    const filters = [
      `select='not(mod(n,12))'`,
      `setpts=N/${sceneRate}/TB`,
      `scale=${width}:${height}:flags=area+accurate_rnd+full_chroma_int`,
      'setsar=1',
      'format=rgb24',
    ].join(',');
    // PNG takes any size.
    const output = `-frames:v ${sceneFrames} -r ${sceneRate} -c:v png -compression_level 1`.split(' ');
    this.ffmpeg(['-i', demo, '-vf', filters, ...output, path]);
    return path;
  }

  /** The path of what comes of an input through filters and an encoder. */
  made(file: string, input: string, filter: string, encoder: readonly string[]): string {
    const path = this.path(file);
    this.ffmpeg(['-i', input, '-vf', filter, ...encoder, `file:${path}`]);
    return path;
  }

  ffmpeg(args: readonly string[]): void {
    execFileSync(this.#ffmpeg, ['-v', 'error', '-nostdin', '-y', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Presentation time of each frame of the video, seconds from the start of the file. */
  times(path: string): number[] {
    const ffprobe = this.#ffmpeg.replace(/ffmpeg$/, 'ffprobe');
    const entries = 'format=start_time:frame=best_effort_timestamp_time';
    const args = ['-v', 'error', '-select_streams', 'V:0', '-show_entries', entries, '-of', 'json', `file:${path}`];
    const output = execFileSync(ffprobe, args, {
      encoding: 'utf8',
      maxBuffer: 1e8,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { frames, format } = JSON.parse(output) as {
      frames: readonly { best_effort_timestamp_time?: string }[];
      format: { start_time?: string };
    };
    const start = Number(format.start_time ?? 0);
    return frames.map((frame) => Number(frame.best_effort_timestamp_time) - start);
  }
}
