/** Numbers as people read them: few digits, the unit beside them. */
import type { Cell, Unit } from './data.ts';

/** What stands for a value that is not there. */
const none = '–';

/** The value alone; `formatInterval` has the interval. */
export function formatCell(cell: Cell): string {
  if (cell === undefined) return none;
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no';
  return typeof cell === 'number' ? formatNumber(cell) : formatUnit(cell.value, cell.unit);
}

/** Undefined where the cell has none. */
export function formatInterval(cell: Cell): string | undefined {
  if (typeof cell !== 'object' || cell.low === undefined || cell.high === undefined) return undefined;
  return `${bare(cell.low, cell.unit)} to ${bare(cell.high, cell.unit)}`;
}

export function formatUnit(value: number, unit: Unit | undefined): string {
  if (Number.isNaN(value)) return none;
  switch (unit) {
    case 'percent':
      return `${bare(value, unit)} %`;
    case 'seconds':
      return `${formatNumber(value)} s`;
    case 'bytes':
      return formatBytes(value);
    case undefined:
      return formatNumber(value);
  }
}

/** Whole numbers in full, others to four significant digits, very small and very large ones with an exponent. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return none;
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (Number.isInteger(value) && size < 1e9) return minus(value.toLocaleString('en'));
  if (size < 1e-3 || size >= 1e9) return minus(trimmed(value.toExponential(3)));
  return minus(Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 6 }));
}

function bare(value: number, unit: Unit | undefined): string {
  return unit === 'percent'
    ? minus((100 * value).toFixed(2))
    : unit === 'bytes'
      ? formatBytes(value)
      : formatNumber(value);
}

function formatBytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${formatNumber(value / 1024 ** power)} ${units[power] ?? ''}`;
}

/** 1.000e-4 is 1e-4. */
function trimmed(text: string): string {
  return text.replace(/\.?0+e/, 'e').replace('e+', 'e');
}

/** The minus sign, which is as wide as a digit, in place of the hyphen. */
function minus(text: string): string {
  return text.replace(/-/g, '−');
}
