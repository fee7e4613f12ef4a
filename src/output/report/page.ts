/** The page of a report; nothing is read, written or fetched here. */
import { chartFigure } from './chart/figure.ts';
import { filtersHtml } from './chart/filters.ts';
import { reliabilityFigure } from './chart/reliability.ts';
import { confusionHtml } from './confusion.ts';
import type { Block, Report, Section } from './data.ts';
import { element, escape } from './html.ts';
import { imagesHtml } from './images.ts';
import { style } from './style.ts';
import { factsHtml, tableHtml } from './table.ts';

/** Nothing but what is in the file: no script, no network. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

export function page({ title, summary, sections }: Report): string {
  const head = element(
    'head',
    {},
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    element('title', {}, escape(title)),
    element('style', {}, style),
  );
  const header = element(
    'header',
    {},
    element('h1', {}, escape(title)),
    summary === undefined ? '' : element('p', {}, escape(summary)),
  );
  const body = element('body', {}, header, element('main', {}, ...sections.map(sectionHtml)));
  return `<!doctype html>\n${element('html', { lang: 'en' }, head, body)}\n`;
}

function sectionHtml({ heading, blocks }: Section): string {
  return element(
    'section',
    {},
    element('h2', {}, escape(heading)),
    element('div', { class: 'blocks' }, ...blocks.map(blockHtml)),
  );
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'text':
      return element('p', { class: 'wide' }, escape(block.text));
    case 'facts':
      return factsHtml(block);
    case 'table':
      return tableHtml(block);
    case 'chart':
      return chartFigure(block);
    case 'reliability':
      return reliabilityFigure(block);
    case 'confusion':
      return confusionHtml(block);
    case 'filters':
      return filtersHtml(block);
    case 'images':
      return imagesHtml(block);
  }
}
