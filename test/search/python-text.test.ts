import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatRepr, fromPythonJson, PythonFloat, toPythonJson } from '../../src/search/python-text.ts';

describe('floatRepr', () => {
  it.each([
    [1e-2, '0.01'],
    [1e-4, '0.0001'],
    [1e-5, '1e-05'],
    [-1.5e-7, '-1.5e-07'],
    [0.00012345, '0.00012345'],
    [1, '1.0'],
    [-0, '-0.0'],
    [0, '0.0'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e16, '1e+16'],
    [9007199254740992, '9007199254740992.0'],
    [1e22, '1e+22'],
    [0.1 + 0.2, '0.30000000000000004'],
    [NaN, 'nan'],
    [-Infinity, '-inf'],
  ])('should write %d as Python does', (value, text) => {
    expect(floatRepr(value)).toBe(text);
  });

  it('should be read back exactly', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(floatRepr(value))).toBe(value);
      }),
    );
  });
});

describe('Python JSON', () => {
  it('should read back what it writes, whatever the strings hold', () => {
    const string = fc.oneof(fc.string(), fc.constantFrom('NaN', '"NaN', '\\"Infinity', '-Infinity\\'));
    const number = fc.double().map((value) => (Object.is(value, -0) ? 0 : value));
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        string,
        number,
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(
          string.filter((key) => key !== '__proto__'),
          tie('tree'),
          { maxKeys: 4, noNullPrototype: true },
        ),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        expect(fromPythonJson(toPythonJson(value as never))).toEqual(value);
      }),
    );
  });

  it('should keep whole floats floats', () => {
    expect(toPythonJson({ values: [new PythonFloat(1), 1, 0.5, new PythonFloat(NaN)] })).toBe(
      '{"values": [1.0, 1, 0.5, NaN]}',
    );
  });

  it('should refuse what is not JSON', () => {
    expect(() => fromPythonJson('{"a": nan}')).toThrow(SyntaxError);
  });
});
