/** Rows of small pictures, each within the file. */
import type { ImagesBlock, ReportImage } from './data.ts';
import { element, escape } from './html.ts';
import { encodePng } from './png.ts';

export function imagesHtml({ caption, rows }: ImagesBlock): string {
  return element(
    'div',
    { class: 'images' },
    caption === undefined ? '' : element('p', { class: 'caption' }, escape(caption)),
    ...rows.map((row) =>
      element(
        'div',
        { class: 'row' },
        row.caption === undefined ? '' : element('p', { class: 'dim' }, escape(row.caption)),
        ...row.images.map(imageHtml),
      ),
    ),
  );
}

function imageHtml({ caption, width, height, rgb, verdict }: ReportImage): string {
  const source = `data:image/png;base64,${encodePng(rgb, width, height).toString('base64')}`;
  const sign = verdict === undefined ? '' : verdict === 'right' ? '✓ ' : '✗ ';
  return element(
    'figure',
    { class: verdict },
    `<img src="${source}" width="${width}" height="${height}" alt="${escape(caption)}">`,
    element('figcaption', {}, escape(sign + caption)),
  );
}
