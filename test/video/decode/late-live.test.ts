/** A live source that has run for long: its time goes on by the steps between frames, to the microsecond. */
import { expect, test } from 'vitest';
import { Showinfo } from '../../../src/video/decode/showinfo.ts';
import { steadyTime } from '../../../src/video/decode/filters.ts';
import { runFfmpeg } from '../../../src/video/child/run-ffmpeg.ts';
import { ffmpeg } from '../support.ts';

const late = [1e3, 1e5, 1e6, 1e9];
const timeBases = ['1/1000', '1/90000', '1/1000000'];

test.each(timeBases.flatMap((base) => late.map((seconds) => [base, seconds] as const)))(
  'time base %s, after %d s',
  async (base, seconds) => {
    // As if it had begun so long ago.
    const begun = steadyTime.replace('isnan(PREV_OUTPTS),0,', `isnan(PREV_OUTPTS),${seconds}/TB,`);
    expect(begun).not.toBe(steadyTime);
    const args = [
      '-hide_banner',
      '-nostdin',
      '-nostats',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=64x48:rate=25:duration=1',
    ];
    const filters = `settb=${base},${begun},showinfo=checksum=0`;
    const { stderr } = await runFfmpeg(ffmpeg.path, [...args, '-vf', filters, '-f', 'null', '-']);
    const showinfo = new Showinfo();
    const times = stderr.split('\n').flatMap((line) => showinfo.frame(line)?.presentationSeconds ?? []);
    expect(times).toHaveLength(25);
    for (const [i, time] of times.entries()) expect(Math.abs(time - seconds - 0.04 * i)).toBeLessThan(1e-6);
  },
);
