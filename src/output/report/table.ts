/** Tables and lists of facts as HTML. */
import type { Cell, FactsBlock, TableBlock } from './data.ts';
import { formatCell, formatInterval } from './format.ts';
import { element, escape } from './html.ts';

/** The table within a box of its own that scrolls where the screen is narrower. */
export function tableHtml({ caption, columns, rows }: Omit<TableBlock, 'kind'>): string {
  const head = columns.map((name, i) => element('th', { scope: 'col', class: alignment(rows, i) }, escape(name)));
  const body = rows.map((row) =>
    element('tr', {}, ...columns.map((_, i) => cellHtml(row[i], i === 0, alignment(rows, i)))),
  );
  return scrolling(
    caption ?? columns.join(', '),
    element(
      'table',
      {},
      caption === undefined ? '' : element('caption', {}, escape(caption)),
      element('thead', {}, element('tr', {}, ...head)),
      element('tbody', {}, ...body),
    ),
  );
}

export function factsHtml({ facts }: FactsBlock): string {
  return element(
    'dl',
    {},
    ...facts.map(([name, value]) => element('dt', {}, escape(name)) + element('dd', {}, cellContent(value))),
  );
}

/** A box that scrolls sideways by keyboard too, so it needs a name. */
export function scrolling(name: string, content: string): string {
  return element('div', { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': name }, content);
}

function cellHtml(cell: Cell, isHead: boolean, align: string | undefined): string {
  const content = cellContent(cell);
  return isHead ? element('th', { scope: 'row', class: align }, content) : element('td', { class: align }, content);
}

/** The interval on a line of its own: columns stay narrow enough for a phone. */
function cellContent(cell: Cell): string {
  const interval = formatInterval(cell);
  const value = escape(formatCell(cell));
  return interval === undefined ? value : value + element('span', { class: 'interval' }, escape(interval));
}

/** Columns without words stand to the right. */
function alignment(rows: readonly (readonly Cell[])[], column: number): 'number' | undefined {
  const isWord = (cell: Cell) => typeof cell === 'string' || typeof cell === 'boolean';
  return rows.length > 0 && rows.every((row) => !isWord(row[column])) ? 'number' : undefined;
}
