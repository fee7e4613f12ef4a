/** Batch normalisation with fixed statistics, and layer normalisation. */
import { floatAttribute, intAttribute } from '../attributes.ts';
import { unsupported } from '../errors.ts';
import { positiveAxis } from '../tensor-type.ts';
import { inputDims, type Backward, type Rule } from './rule.ts';

/** y = scale·(x − mean)/√(variance + ε) + bias, per channel (axis 1). */
const batchNormalization: Rule = (c) => {
  const { node, builder: b, gradient: g, x } = c;
  if (intAttribute(node, 'training_mode', 0) === 1) throw unsupported(node, 'whose training mode has no gradient rule');
  const rank = inputDims(c, 0).length;
  const wide = (name: string) => b.reshape(name, [-1, ...Array<number>(Math.max(rank - 2, 0)).fill(1)]);
  const perChannel = (name: string) =>
    b.reduceSum(
      name,
      Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== 1),
      { keepdims: false },
    );
  const inverse = () => b.op('Reciprocal', [b.op('Sqrt', [b.add(x(4), floatAttribute(node, 'epsilon', 1e-5))])]);
  const centred = () => b.sub(x(0), wide(x(3)));
  return [
    () => b.mul(g, wide(b.mul(x(1), inverse()))),
    () => b.mul(perChannel(b.mul(g, centred())), inverse()),
    () => perChannel(g),
    () => b.op('Neg', [b.mul(perChannel(g), b.mul(x(1), inverse()))]),
    () => {
      const factor = inverse();
      const cube = b.mul(factor, b.mul(factor, factor));
      return b.mul(b.mul(perChannel(b.mul(g, centred())), b.mul(x(1), cube)), -0.5);
    },
  ];
};

/**
 * y = scale·x̂ + bias with x̂ = (x − mean)/√(variance + ε) over the axes from `axis` on.
 *
 * ∂x = (s − mean(s) − x̂·mean(s·x̂))/√(variance + ε) with s = gradient·scale.
 */
const layerNormalization: Rule = (c) => {
  const { node, builder: b, gradient: g, x } = c;
  const dims = inputDims(c, 0);
  const first = positiveAxis(intAttribute(node, 'axis', -1), dims.length);
  const axes = dims.map((_, axis) => axis).slice(first);
  return [
    () => {
      const { normalised, inverse } = standardised(c, axes);
      const s = b.mul(g, x(1));
      const along = b.mul(normalised, b.reduceMean(b.mul(s, normalised), axes));
      return b.mul(b.sub(b.sub(s, b.reduceMean(s, axes)), along), inverse);
    },
    () => b.mul(g, standardised(c, axes).normalised),
    () => g,
  ];
};

function standardised({ node, builder: b, x }: Backward, axes: readonly number[]) {
  const centred = b.sub(x(0), b.reduceMean(x(0), axes));
  const variance = b.reduceMean(b.mul(centred, centred), axes);
  const inverse = b.op('Reciprocal', [b.op('Sqrt', [b.add(variance, floatAttribute(node, 'epsilon', 1e-5))])]);
  return { normalised: b.mul(centred, inverse), inverse };
}

export const normalisations: Readonly<Record<string, Rule>> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
};
