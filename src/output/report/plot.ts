/** Charts as a picture file, SVG or PNG by the file's name. */
import { extname } from 'node:path';
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import { UsageError, UserError } from '../../domain/errors.ts';
import type { ChartBlock } from './data.ts';

/** Pixels per unit of the drawing, for screens of high density. */
const zoom = 2;

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
  await writeFileAtomic(path, await rasterise(svg));
}

/** By resvg, an optional dependency with a prebuilt library per platform. Throws `UserError` where resvg or any font is missing. */
async function rasterise(svg: string): Promise<Buffer> {
  const { Resvg } = await import('@resvg/resvg-js').catch((cause: unknown) => {
    throw new UserError(
      'a plot as .png needs the optional package @resvg/resvg-js, which is not installed: ' +
        'name a file that ends in .svg, or run npm install @resvg/resvg-js',
      { cause },
    );
  });
  const render = (source: string) => new Resvg(source, { fitTo: { mode: 'zoom', value: zoom } });
  const letter = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text y="15">x</text></svg>';
  // resvg leaves text out without a word where no font is found.
  if (render(letter).getBBox() === undefined) {
    throw new UserError(
      'a plot as .png needs a font, and none is installed: name a file that ends in .svg, or install one (fonts-dejavu-core)',
    );
  }
  return render(svg).render().asPng();
}
