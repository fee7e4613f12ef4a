/** Observable Plot on a server: it draws into any DOM, here linkedom's. */
import * as Plot from '@observablehq/plot';
import { DOMParser } from 'linkedom';

/** The little of an SVG element that is needed here; the program has no DOM of its own. */
interface SvgElement {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  querySelector(selector: string): { remove(): void } | null;
}

/** An XML document: it writes what XML parsers read, which HTML's attributes are not. */
const document = new DOMParser().parseFromString('<svg/>', 'image/svg+xml') as unknown as object;

/** Width and height in the drawing's own units, in which text is 13 high. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An `<svg>` that scales to the width there is; colours are CSS's, from the page around it. */
export function draw(label: string, { width, height }: Size, options: Plot.PlotOptions): string {
  const svg = Plot.plot({
    width,
    height,
    marginLeft: 68,
    marginRight: 16,
    marginTop: 28,
    marginBottom: 44,
    ...options,
    style: { fontSize: '13px' },
    className: 'plot',
    document,
  }) as unknown as SvgElement;
  // The page has this style once for all its charts.
  svg.querySelector('style')?.remove();
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  return svg.outerHTML;
}
