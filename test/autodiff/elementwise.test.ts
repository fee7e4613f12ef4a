/** Gradients of operators that work element by element, with and without broadcasting. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { constantOf } from '../../src/autodiff/constants.ts';
import { floats, int, text } from '../../src/onnx/build.ts';
import { dataType, type Attribute } from '../../src/onnx/model.ts';
import { expectGradients, float, shape, values, type OperatorCase } from './support.ts';

const runs = { numRuns: 8 };

interface Unary extends Partial<OperatorCase> {
  readonly positive?: boolean;
  readonly title?: string;
}

/** Functions of one element; those whose kernel lacks double are checked in float32. */
const unary: Readonly<Record<string, Unary[]>> = {
  Identity: [{}],
  Neg: [{}],
  Abs: [{}],
  Exp: [{}],
  Log: [{ positive: true }],
  Sqrt: [{ positive: true }],
  Reciprocal: [{ positive: true, step: 1e-4 }],
  Tanh: [{}],
  Sigmoid: [{}],
  Relu: [{}, { precision: 'float', title: 'float32' }],
  LeakyRelu: [
    {},
    { attributes: { alpha: float(0.3) }, title: 'alpha 0.3' },
    { attributes: { alpha: float(-0.5) }, title: 'negative alpha' },
  ],
  Softplus: [{ precision: 'float', step: 0.05 }],
  Erf: [{ precision: 'float', step: 0.05 }],
  HardSigmoid: [
    { precision: 'float' },
    { precision: 'float', attributes: { alpha: float(0.5), beta: float(0.25) }, title: 'alpha 0.5, beta 0.25' },
  ],
  HardSwish: [{ precision: 'float' }],
  Gelu: [
    { precision: 'float', step: 0.05, opset: 20 },
    { precision: 'float', step: 0.05, opset: 20, attributes: { approximate: text('tanh') }, title: 'by tanh' },
  ],
  Dropout: [{}],
};

describe('functions of one element', () => {
  for (const [opType, variants] of Object.entries(unary)) {
    for (const { positive = false, title = '', ...rest } of variants) {
      test(`${opType} ${title}`, async () => {
        await fc.assert(
          fc.asyncProperty(
            shape().chain((dims) => values(dims, { positive })),
            (x) => expectGradients({ opType, inputs: [x], precision: 'double', ...rest }),
          ),
          runs,
        );
      });
    }
  }
});

describe('activations over images', () => {
  const image = fc
    .tuple(fc.integer({ min: 1, max: 2 }), fc.constantFrom(3, 8, 16), fc.integer({ min: 1, max: 3 }))
    .map(([batch, channels, side]) => [batch, channels, side, side]);
  const constants = (low: number, high: number) => [floats('low', low), floats('high', high)];
  const cases: Record<string, Pick<OperatorCase, 'opType'> & Partial<OperatorCase>> = {
    Relu: { opType: 'Relu' },
    'Clip to [0, 6]': { opType: 'Clip', takes: ['x0', 'low', 'high'], constants: constants(0, 6) },
    'Clip to [−1, 0.7]': { opType: 'Clip', takes: ['x0', 'low', 'high'], constants: constants(-1, 0.7) },
    'Clip from −1': { opType: 'Clip', takes: ['x0', 'low'], constants: [floats('low', -1)] },
    'Clip to 1': { opType: 'Clip', takes: ['x0', '', 'high'], constants: [floats('high', 1)] },
  };
  for (const [title, one] of Object.entries(cases)) {
    test(title, async () => {
      await fc.assert(
        fc.asyncProperty(
          image.chain((dims) => values(dims)),
          (x) => expectGradients({ inputs: [x], precision: 'float', ...one }),
        ),
        runs,
      );
    });
  }

  test('Clip of a matrix, in double precision', async () => {
    const bounds = [constantOf('low', dataType.double, [-0.5], []), constantOf('high', dataType.double, [0.8], [])];
    await fc.assert(
      fc.asyncProperty(
        shape(2).chain((dims) => values(dims)),
        (x) =>
          expectGradients({
            opType: 'Clip',
            inputs: [x],
            takes: ['x0', 'low', 'high'],
            constants: bounds,
            precision: 'double',
          }),
      ),
      runs,
    );
  });
});

/** Two shapes that broadcast to one another: dimensions left out or set to 1 on either side. */
const broadcast = shape({ min: 1, max: 3 }).chain((dims) => {
  const side = fc
    .tuple(fc.nat({ max: dims.length }), fc.array(fc.boolean(), { minLength: dims.length, maxLength: dims.length }))
    .map(([drop, ones]) => dims.map((dim, axis) => (ones[axis] ? 1 : dim)).slice(drop));
  return fc.tuple(side, side);
});

describe('functions of two elements, broadcast', () => {
  const positive = { Div: true, Pow: true } as Readonly<Record<string, boolean>>;
  for (const opType of ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Sum', 'Max', 'Min']) {
    test(opType, async () => {
      // The second operand lies between the first one's values: no ties for Max and Min.
      const operands = broadcast.chain(([a, b]) =>
        fc.tuple(
          values(a, { positive: positive[opType] ?? false }),
          values(b, { positive: positive[opType] ?? false }),
        ),
      );
      await fc.assert(
        fc.asyncProperty(operands, ([a, b]) => {
          const between = { dims: b.dims, data: b.data.map((value) => (opType === 'Pow' ? value / 2 : value + 0.05)) };
          return expectGradients({ opType, inputs: [a, between], precision: 'double', step: 1e-4 });
        }),
        { numRuns: 15 },
      );
    });
  }

  test('Pow by the constants 2, 3 and 0.5', async () => {
    for (const exponent of [2, 3, 0.5]) {
      await fc.assert(
        fc.asyncProperty(values([2, 3], { positive: exponent === 0.5 }), (x) =>
          expectGradients({
            opType: 'Pow',
            inputs: [x],
            takes: ['x0', 'p'],
            constants: [constantOf('p', dataType.double, [exponent], [])],
            precision: 'double',
          }),
        ),
        { numRuns: 3 },
      );
    }
  });

  test('one tensor on both sides: the contributions add up', async () => {
    await fc.assert(
      fc.asyncProperty(values([3]), (x) =>
        expectGradients({ opType: 'Mul', inputs: [x], takes: ['x0', 'x0'], precision: 'double' }),
      ),
      runs,
    );
  });
});

test('Where', async () => {
  const condition = constantOf('c', dataType.bool, [1, 0, 1], [3, 1]);
  await fc.assert(
    fc.asyncProperty(values([3, 2]), values([2]), (a, b) =>
      expectGradients({
        opType: 'Where',
        inputs: [a, b],
        takes: ['c', 'x0', 'x1'],
        constants: [condition],
        precision: 'double',
      }),
    ),
    runs,
  );
});

describe('softmax', () => {
  for (const opType of ['Softmax', 'LogSoftmax']) {
    test(opType, async () => {
      const one = shape({ min: 1, max: 3 }).chain((dims) =>
        fc.tuple(values(dims), fc.integer({ min: -dims.length, max: dims.length - 1 })),
      );
      await fc.assert(
        fc.asyncProperty(one, ([x, axis]) => {
          const attributes: Record<string, Attribute> = { axis: int(axis) };
          return expectGradients({ opType, inputs: [x], attributes, precision: 'double' });
        }),
        runs,
      );
    });
  }
});
