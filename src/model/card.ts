/** What `card.json` says about a bundle. */
import { z } from 'zod';
import { kernels } from './kernel.ts';

const count = z.int().positive();
const channels = z.array(z.number());

const input = z.strictObject({
  /** Name of the graph's input. */
  name: z.string().min(1),
  width: count,
  height: count,
  layout: z.literal('NCHW'),
  colour: z.literal('RGB'),
  /** The front end ends in a ReLU, so whatever follows [0, 1] has to be inside the graph. */
  range: z.tuple([z.literal(0), z.literal(1)]),
});

/** How training photographs came to the input's size. */
const resize = z.strictObject({
  fit: z.enum(['crop', 'stretch']),
  /** Share of the short side that a centre crop keeps (torchvision: 224 of 256 is 0.875). */
  fraction: z.number().gt(0).max(1).optional(),
  kernel: z.enum(kernels),
});

const output = z.strictObject({
  /** Name of the graph's output: logits. */
  name: z.string().min(1),
  decision: z.enum(['binary', 'softmax']),
  labels: z.array(z.string().min(1)).min(2),
  /** The label that a binary logit speaks for. */
  positive: z.string().optional(),
  temperature: z.number().positive(),
});

/** Statistics of training, which a front end can be fitted to. */
const statistics = z.strictObject({
  images: count.nullable(),
  source: z.string().optional(),
  /** Share of the photographs that had each label. */
  labelRates: z.array(z.number().min(0).max(1)).optional(),
  pixels: z.strictObject({ mean: channels.length(3), covariance: z.array(channels.length(3)).length(3) }).optional(),
  luminanceAutocovariance: z.strictObject({ lags: z.string(), values: z.array(channels) }).optional(),
  /** Mean and standard deviation per channel of tensors inside the graph. */
  activations: z.array(z.strictObject({ tensor: z.string(), mean: channels, standardDeviation: channels })),
});

const golden = z.strictObject({
  /** `lcg`: the generator of `goldenInput`; a number: that value everywhere. */
  input: z.union([z.literal('lcg'), z.number().min(0).max(1)]),
  /** The first outputs, or all. */
  logits: channels.min(1),
  argmax: z.int().min(0).optional(),
});

/** How a bundle that computes in int8 was made of one that does in float. */
const int8 = z.strictObject({
  /** What adapters are fitted with: they hold for both. */
  from: z.strictObject({ name: z.string().min(1), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
  /** How the ranges of activations were found. */
  ranges: z.string(),
  /** Pictures that ranges were measured on, and others by which the method was chosen. */
  pictures: z.strictObject({ calibration: count, choice: count }),
  /** Layers that stay in float. */
  floatLayers: z.array(z.string()),
  /** Share of further pictures whose first label is that of the float bundle. */
  agreement: z.strictObject({ images: count, value: z.number().min(0).max(1) }),
  /** Of the float bundle on the pictures that `accuracy` was measured on. */
  accuracyBefore: z.number().min(0).max(1).optional(),
});

export const cardSchema = z
  .strictObject({
    schema: z.literal(1),
    name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
    title: z.string(),
    model: z.strictObject({
      /** Beside the card. */
      file: z.string().regex(/^[^/\\]+$/),
      digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
      parameters: count,
      parametersStored: count,
      storage: z.string(),
    }),
    input,
    resize,
    output,
    accuracy: z.array(
      z.strictObject({ data: z.string(), images: count, value: z.number().min(0).max(1), resize: z.string() }),
    ),
    statistics,
    int8: int8.optional(),
    golden: z.array(golden).min(1),
    goldenTolerance: z.number().positive(),
    licence: z.string(),
  })
  .superRefine(({ output, statistics: { labelRates } }, context) => {
    const problem = labelProblem(output);
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['output'], message: problem });
    if (labelRates === undefined || labelRates.length === output.labels.length) return;
    const message = `there must be a rate for each of the ${output.labels.length} labels, there are ${labelRates.length}`;
    context.addIssue({ code: 'custom', path: ['statistics', 'labelRates'], message });
  });

export type Card = z.infer<typeof cardSchema>;

function labelProblem({ decision, labels, positive }: z.infer<typeof output>): string | undefined {
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice !== undefined) return `the label "${twice}" is there twice`;
  if (decision === 'softmax') return undefined;
  if (labels.length !== 2) return `a binary decision needs two labels, there are ${labels.length}`;
  if (positive !== undefined && labels.includes(positive)) return undefined;
  return `positive must be one of the labels (${labels.join(', ')}), it was ${positive ?? 'missing'}`;
}

/** What adapters are tied to: a bundle in int8 takes those of the one it was made of. */
export function adapterDigest({ model, int8: made }: Card): string {
  return made?.from.digest ?? model.digest;
}

/** Number of logits per image. */
export function outputCount({ output: { decision, labels } }: Card): number {
  return decision === 'binary' ? 1 : labels.length;
}
