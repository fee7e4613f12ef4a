/** Python's way of writing values, so that Keras Tuner reads ours and hashes them alike. */

/** A number that Python must read as a float even when it is whole. */
export class PythonFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What `toPythonJson` takes: JSON, with floats marked where a whole number must stay a float. */
export type PythonJson =
  null | boolean | number | string | PythonFloat | readonly PythonJson[] | { readonly [key: string]: PythonJson };

/** `repr(float)` of Python: shortest digits, exponent below 1e-4 and from 1e16 on. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  if (value === 0) return '0.0';
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 16) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) {
    const sign = value < 0 ? '-' : '';
    return `${sign}0.${'0'.repeat(-exponent - 1)}${mantissa.replace(/[-.]/g, '')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/** `json.dumps`: floats as Python writes them, `NaN` and `Infinity` included. */
export function toPythonJson(value: PythonJson): string {
  if (value instanceof PythonFloat) return jsonNumber(value.value, floatRepr);
  if (typeof value === 'number') {
    return jsonNumber(value, (number) => (Number.isInteger(number) ? String(number) : floatRepr(number)));
  }
  if (Array.isArray(value)) return `[${(value as readonly PythonJson[]).map(toPythonJson).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value as Readonly<Record<string, PythonJson>>);
    return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}: ${toPythonJson(entry)}`).join(', ')}}`;
  }
  return JSON.stringify(value);
}

function jsonNumber(value: number, finite: (value: number) => string): string {
  if (Number.isFinite(value)) return finite(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/**
 * `json.loads`: also takes `NaN`, `Infinity` and `-Infinity`.
 *
 * Throws `SyntaxError` where `JSON.parse` does.
 */
export function fromPythonJson(text: string): unknown {
  // Strings are matched first, so the words inside them stay what they are.
  const plain = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify({ [marker]: token }),
  );
  return JSON.parse(plain, (_key, value: unknown) => unmarked(value));
}

const marker = '\u0000number';

function unmarked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(marker in value)) return value;
  return Number(value[marker]);
}
