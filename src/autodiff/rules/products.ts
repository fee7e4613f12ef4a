/** Matrix products. */
import type { Attribute } from '../../onnx/model.ts';
import { floatAttribute, intAttribute } from '../attributes.ts';
import { inputDims, type Backward, type Rule } from './rule.ts';

/** Vectors become a row or a column, as MatMul itself does it. */
function asMatrices(c: Backward) {
  const a = inputDims(c, 0);
  const d = inputDims(c, 1);
  const { builder: b } = c;
  const row = a.length === 1 ? b.reshape(c.x(0), [1, ...a]) : c.x(0);
  const column = d.length === 1 ? b.reshape(c.x(1), [...d, 1]) : c.x(1);
  const dims = b.dims(c.y);
  const batch = dims.slice(0, dims.length - (a.length > 1 ? 1 : 0) - (d.length > 1 ? 1 : 0));
  const rows = a.length === 1 ? 1 : (a.at(-2) ?? 1);
  const columns = d.length === 1 ? 1 : (d.at(-1) ?? 1);
  const vectors = a.length === 1 || d.length === 1;
  return { a: row, d: column, gradient: vectors ? b.reshape(c.gradient, [...batch, rows, columns]) : c.gradient };
}

function transposed({ builder: b }: Backward, x: string): string {
  const rank = b.dims(x).length;
  const order = Array.from({ length: rank }, (_, axis) => axis);
  return b.transpose(x, [...order.slice(0, -2), rank - 1, rank - 2]);
}

/** [.., 1, n] or [.., n, 1] → [.., n] where the operand was a vector. */
function asOperand({ builder: b }: Backward, x: string, rank: number, axis: -1 | -2): string {
  if (rank > 1) return x;
  const dims = [...b.dims(x)];
  dims.splice(axis, 1);
  return b.reshape(x, dims);
}

const matMul: Rule = (c) => [
  () => {
    const { d, gradient } = asMatrices(c);
    return asOperand(c, c.builder.op('MatMul', [gradient, transposed(c, d)]), inputDims(c, 0).length, -2);
  },
  () => {
    const { a, gradient } = asMatrices(c);
    return asOperand(c, c.builder.op('MatMul', [transposed(c, a), gradient]), inputDims(c, 1).length, -1);
  },
];

/** Y = α·A′·B′ + β·C, where A′ and B′ may be transposed. */
const gemm: Rule = (c) => {
  const { node, builder: b, gradient: g, x } = c;
  const transA = intAttribute(node, 'transA', 0);
  const transB = intAttribute(node, 'transB', 0);
  const alpha = floatAttribute(node, 'alpha', 1);
  const beta = floatAttribute(node, 'beta', 1);
  const product = (left: string, right: string, transLeft: number, transRight: number) =>
    b.op('Gemm', [left, right], gemmAttributes(alpha, transLeft, transRight));
  return [
    () => (transA ? product(x(1), g, transB, 1) : product(g, x(1), 0, 1 - transB)),
    () => (transB ? product(g, x(0), 1, transA) : product(x(0), g, 1 - transA, 0)),
    () => (beta === 1 ? g : b.mul(g, beta)),
  ];
};

function gemmAttributes(alpha: number, transA: number, transB: number): Record<string, Attribute> {
  return {
    alpha: { kind: 'float', value: alpha },
    transA: { kind: 'int', value: transA },
    transB: { kind: 'int', value: transB },
  };
}

export const products: Readonly<Record<string, Rule>> = { MatMul: matMul, Gemm: gemm };
