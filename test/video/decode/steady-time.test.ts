import { describe, expect, test } from 'vitest';
import { Showinfo } from '../../../src/video/decode/showinfo.ts';
import { steadyTime } from '../../../src/video/decode/filters.ts';
import { runFfmpeg } from '../../../src/video/child/run-ffmpeg.ts';
import { ffmpeg } from '../support.ts';

/** Times of the frames at 5 a second of a camera with 10, whose clock is set by `jump` seconds after 1 s. */
async function times(jump: string): Promise<number[]> {
  const source = 'testsrc2=size=64x48:rate=10:duration=2';
  const filters = `setpts='PTS+if(gte(N,10),${jump},0)/TB',${steadyTime},fps=5,showinfo=checksum=0`;
  const args = ['-hide_banner', '-nostdin', '-f', 'lavfi', '-i', source, '-vf', filters, '-f', 'null', '-'];
  const { stderr } = await runFfmpeg(ffmpeg.path, args);
  const showinfo = new Showinfo();
  return stderr.split('\n').flatMap((line) => showinfo.frame(line)?.presentationSeconds ?? []);
}

describe('a camera that sets its clock', () => {
  test.each([
    ['forwards by ten hours', '36000'],
    ['backwards', '-0.95'],
  ])('%s: the frames of one that does not', async (_, jump) => {
    const even = await times('0');
    expect(even.length).toBeGreaterThan(8);
    const seen = await times(jump);
    expect(seen).toHaveLength(even.length);
    seen.forEach((seconds, i) => expect(seconds).toBeCloseTo(even[i] ?? NaN, 3));
  });
});
