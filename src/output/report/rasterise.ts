/** PNG of an SVG by resvg, an optional dependency with a prebuilt library per platform. */
import { UserError } from '../../domain/errors.ts';

/** Pixels per unit of the drawing, for screens of high density. */
const zoom = 2;

/** Throws `UserError` where resvg or any font is missing. */
export async function rasterise(svg: string): Promise<Buffer> {
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
