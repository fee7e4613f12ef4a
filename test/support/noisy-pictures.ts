/** Pictures of nothing but noise, for what is to be fitted or trained. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { seededRandom } from '../../src/learning/random.ts';

export async function makeNoisyPicture(
  path: string,
  side: number,
  background: { readonly r: number; readonly g: number; readonly b: number },
  sigma: number,
): Promise<void> {
  const noise = { type: 'gaussian', mean: 30, sigma } as const;
  await sharp({ create: { width: side, height: side, channels: 3, background, noise } })
    .png()
    .toFile(path);
}

/** Dark ones in a new folder: there is something to fit, though nothing to see. */
export async function makeDarkPictures(folder: string, count: number, side: number): Promise<void> {
  mkdirSync(folder);
  const { uniform } = seededRandom(1);
  for (let i = 0; i < count; i++) {
    const background = { r: 60 * uniform(), g: 60 * uniform(), b: 60 * uniform() };
    await makeNoisyPicture(join(folder, `${i}.png`), side, background, 10 + 20 * uniform());
  }
}
