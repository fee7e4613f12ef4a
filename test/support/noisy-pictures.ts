/** Pictures of one colour and noise, for what is to be fitted or trained. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { seededRandom, type Random } from '../../src/learning/random.ts';

/** Noise of the seed's, not libvips' own, which is another each time and knows no background. */
export async function makeNoisyPicture(
  path: string,
  side: number,
  { r, g, b }: { readonly r: number; readonly g: number; readonly b: number },
  { sigma, random }: { readonly sigma: number; readonly random: Random },
): Promise<void> {
  const pixels = new Uint8ClampedArray(3 * side * side);
  const colour = [r, g, b];
  for (let i = 0; i < pixels.length; i++) pixels[i] = (colour[i % 3] ?? 0) + sigma * random.normal();
  await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toFile(path);
}

/** Dark ones in a new folder: there is something to fit, though nothing to see. */
export async function makeDarkPictures(folder: string, count: number, side: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const random = seededRandom(1);
  const { uniform } = random;
  for (let i = 0; i < count; i++) {
    const background = { r: 60 * uniform(), g: 60 * uniform(), b: 60 * uniform() };
    await makeNoisyPicture(join(folder, `${i}.png`), side, background, { sigma: 10 + 20 * uniform(), random });
  }
}
