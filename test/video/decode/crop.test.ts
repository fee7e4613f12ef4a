import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { filterChain } from '../../../src/video/decode/filters.ts';
import { findFfmpeg } from '../../../src/video/ffmpeg/ffmpeg.ts';
import { info as cameraInfo } from '../../daemon/fakes.ts';

const ffmpeg = await findFfmpeg();
const [width, height] = [64, 48];

/** The mean of each plane (green, blue, red) of one frame of an orange picture. */
function planes(format: string, crop: Parameters<typeof filterChain>[0]['crop']): number[] {
  const grid = { width: 16, height: 16 };
  const info = { ...cameraInfo, native: { width, height }, display: { width, height } };
  const source = `color=0xff8020:s=${width}x${height},format=${format}`;
  const filters = filterChain({ info, crop, grid }).join(',');
  const args = ['-v', 'error', '-f', 'lavfi', '-i', source, '-frames:v', '1', '-vf', filters, '-f', 'rawvideo', '-'];
  const pixels = execFileSync(ffmpeg.path, args);
  const size = grid.width * grid.height;
  return [0, 1, 2].map(
    (plane) => pixels.subarray(plane * size, (plane + 1) * size).reduce((sum, v) => sum + v, 0) / size,
  );
}

describe('a crop', () => {
  for (const format of ['yuv420p', 'yuv420p10le', 'yuv422p10le', 'yuv411p', 'yuv444p12le', 'p010le', 'nv12']) {
    for (const crop of [
      { x: 5, y: 3, width: 31, height: 29 },
      { x: 2, y: 4, width: 20, height: 20 },
      { centreShare: 0.77 },
    ]) {
      it(`keeps the colours of ${format} from ${JSON.stringify(crop)} on`, () => {
        const [green = 0, blue = 0, red = 0] = planes(format, crop);
        expect(Math.abs(green - 0x80)).toBeLessThan(4);
        expect(Math.abs(blue - 0x20)).toBeLessThan(4);
        expect(Math.abs(red - 0xff)).toBeLessThan(4);
      });
    }
  }
});
