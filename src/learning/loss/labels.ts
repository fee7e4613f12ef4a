/** Cross-entropy with the labels that frames came with. */
import type { GraphBuilder } from '../../autodiff/graph-builder.ts';
import type { DecisionRule } from '../../domain/decision-rule.ts';
import type { Tensors } from '../../engine/engine.ts';
import type { MeanPiece } from './piece.ts';

const input = 'labels/target';

/**
 * Mean over the batch of `−log p(label)`, p by the card's rule without its temperature: the logistic
 * function of one logit, or the softmax of one per label.
 *
 * `labels`: class index of each frame of the set, in the order of the card's labels.
 */
export function labelsPiece(
  rule: DecisionRule & { readonly name: string },
  labels: ArrayLike<number>,
  { weight = 1 } = {},
): MeanPiece {
  const { name, decision } = rule;
  const classes = decision === 'binary' ? 1 : rule.labels.length;
  const positive = rule.labels.indexOf(rule.positive ?? '');
  return {
    kind: 'mean',
    name: 'labels',
    weight,
    tensors: [name],
    append: (b) => {
      const target = b.input(input, [b.dims(name)[0] ?? NaN, classes]);
      return decision === 'binary' ? binary(b, name, target) : softmax(b, name, target);
    },
    feeds: (indices): Tensors => {
      const data = new Float32Array(indices.length * classes);
      indices.forEach((index, i) => {
        const label = labels[index] ?? -1;
        if (decision === 'binary') data[i] = label === positive ? 1 : 0;
        else data[i * classes + label] = 1;
      });
      return { [input]: { data, dims: [indices.length, classes] } };
    },
  };
}

/** softplus(z) − y·z */
function binary(b: GraphBuilder, logits: string, target: string): string {
  return b.reshape(b.reduceMean(b.sub(softplus(b, logits), b.mul(target, logits))), []);
}

/** log(1 + e^z) = max(z, 0) + log(1 + e^−|z|), which does not overflow. */
function softplus(b: GraphBuilder, z: string): string {
  const small = b.op('Exp', [b.op('Neg', [b.op('Abs', [z])])]);
  return b.add(b.op('Relu', [z]), b.op('Log', [b.add(small, 1)]));
}

function softmax(b: GraphBuilder, logits: string, target: string): string {
  const logs = b.op('LogSoftmax', [logits], { axis: { kind: 'int', value: 1 } });
  return b.reshape(b.op('Neg', [b.reduceMean(b.reduceSum(b.mul(target, logs), [1]))]), []);
}
