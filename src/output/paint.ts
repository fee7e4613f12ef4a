/** Colours of text, where whoever reads it wants them. */
import { inspect } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';

/** The text as it is, or between the escape sequences of a style; it takes no more columns. */
export type Paint = (style: Style, text: string) => string;

export interface Painted {
  readonly isTTY?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * FORCE_COLOR decides before NO_COLOR, as in Node.js itself, then whether it is a terminal that knows colours. Not
 * `util.styleText`: which of them it respects, and of which stream, differs between Node.js 20, 22 and 24.
 *
 * Reference: https://no-color.org, https://force-color.org
 */
export function paintFor(out: Painted, env: Environment = process.env): Paint {
  return isColourful(out, env) ? coloured : unpainted;
}

export const unpainted: Paint = (_, text) => text;

/** Whether lines can be drawn again in place: a terminal that moves its cursor. */
export function canRedraw({ isTTY }: Painted, env: Environment = process.env): boolean {
  return isTTY === true && env['TERM'] !== 'dumb';
}

function coloured(style: Style, text: string): string {
  const [on, off] = inspect.colors[style] ?? [0, 0];
  return text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;
}

function isColourful(out: Painted, env: Environment): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return canRedraw(out, env);
}
