/** Charts as a picture file, SVG or PNG by the file's name. */
import { extname } from 'node:path';
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import { UsageError } from '../../domain/errors.ts';
import type { ChartBlock } from './data.ts';

/** Throws `UsageError` for other names than .svg and .png; call it before the work that the plot shows. */
export function assertPlotName(path: string): void {
  const extension = extname(path).toLowerCase();
  if (extension !== '.svg' && extension !== '.png') {
    throw new UsageError(`--plot must name a file that ends in .svg or .png, it is ${path}: choose one of the two`);
  }
}

/** The charts one under the other. Throws where a PNG cannot be made here, or what the file system throws. */
export async function writePlot(path: string, charts: readonly ChartBlock[]): Promise<void> {
  assertPlotName(path);
  const { standaloneSvg } = await import('./chart/standalone.ts');
  const svg = standaloneSvg(charts);
  if (extname(path).toLowerCase() === '.svg') return writeFileAtomic(path, svg);
  const { rasterise } = await import('./rasterise.ts');
  await writeFileAtomic(path, await rasterise(svg));
}
