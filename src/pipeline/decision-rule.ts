/** How a network's raw outputs become probabilities; the `output` part of a bundle's card. */
export interface DecisionRule {
  /** `binary`: one logit, for the label `positive`; `softmax`: one logit per label. */
  readonly decision: 'binary' | 'softmax';
  readonly labels: readonly string[];
  readonly positive?: string | undefined;
  /** Logits are divided by it (temperature scaling, arXiv 1706.04599); above 0. */
  readonly temperature: number;
}
