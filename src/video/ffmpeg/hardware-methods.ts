/** Methods of hardware decoding that an ffmpeg was built with; whether the box has the hardware is another matter. */
import { runFfmpeg } from '../child/run-ffmpeg.ts';

export async function listHardwareMethods(path: string): Promise<readonly string[]> {
  const { stdout } = await runFfmpeg(path, ['-hide_banner', '-hwaccels'], { timeoutMs: 10_000 });
  return stdout.split('\n').slice(1).filter(Boolean);
}
