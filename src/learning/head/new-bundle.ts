/** A new bundle: a backbone with a trained head behind it, and its card. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { concatenate } from '../../autodiff/subgraph.ts';
import { writeFileAtomic } from '../../domain/atomic-write.ts';
import { UserError } from '../../domain/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { loadBundle, modelDigest, type Bundle } from '../../model/bundle.ts';
import type { Card } from '../../model/card.ts';
import { goldenInput } from '../../model/verify-bundle.ts';
import { floats } from '../../onnx/build.ts';
import { dataType, type GraphModel } from '../../onnx/model.ts';
import { encodeModel } from '../../onnx/wire.ts';
import type { Backbone } from './backbone.ts';
import { lastConvolutions, type Tail } from './tail.ts';
import { featureNodes, headModel, headParameters, type HeadShape } from './head-graph.ts';

export interface NewBundle {
  /** The bundle's directory. */
  readonly directory: string;
  readonly name: string;
  readonly base: Bundle;
  readonly backbone: Backbone;
  /** What of the backbone is not as in the base. */
  readonly tuned?: Pick<Tail, 'convolutions' | 'quantised'> | undefined;
  readonly shape: HeadShape;
  readonly parameters: readonly Float32Array[];
  readonly labels: readonly string[];
  readonly temperature: number;
  readonly statistics: Card['statistics'];
  readonly accuracy: Card['accuracy'];
  readonly engine: Engine;
}

/** Throws a `UserError` where the name cannot be one, or a bundle is there already. */
export function newBundleDirectory(output: string, name: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(name)) {
    throw new UserError(
      `the name of a bundle must be of lower-case letters, digits, dots and hyphens, it was "${name}"; give another --name`,
    );
  }
  const directory = resolve(output, name);
  if (!existsSync(join(directory, 'card.json'))) return directory;
  throw new UserError(`there is a bundle in ${directory} already; give another --name or --output, or remove it`);
}

/**
 * Writes the graph, then the card: a directory without a card is no bundle. Returns it as it is loaded again,
 * so that what was written is known to be whole.
 */
export async function writeBundle(made: NewBundle): Promise<Bundle> {
  const { directory } = made;
  const model = encodeModel(classifierModel(made));
  const card = await cardOf(made, model);
  await mkdir(directory, { recursive: true });
  await writeFileAtomic(join(directory, card.model.file), model);
  await writeFileAtomic(join(directory, 'card.json'), `${JSON.stringify(card, null, 1)}\n`);
  return loadBundle(directory);
}

/** Image → logits. */
function classifierModel({ backbone, shape, parameters }: NewBundle): GraphModel {
  const { model, map } = backbone;
  const front: GraphModel = {
    ...model,
    nodes: [...model.nodes, ...featureNodes(map, shape.kind)],
    outputs: [{ name: 'head/features', dataType: dataType.float, dims: ['N', shape.features] }],
  };
  const head = headModel(shape);
  const constants = headParameters(shape).map(({ name, dims }, i) => floats(name, parameters[i] ?? [], dims));
  const back = { ...head, inputs: head.inputs.slice(0, 1), initializers: constants };
  return concatenate(front, back, { join: { features: 'head/features' } });
}

async function cardOf(made: NewBundle, model: Uint8Array): Promise<Card> {
  const { base, backbone, tuned, shape, labels } = made;
  const { card } = base;
  const trained = made.parameters.reduce((sum, { length }) => sum + length, 0);
  const change = trained - backbone.headParameters;
  const binary = shape.outputs === 1;
  const positive = labels[1] ?? '';
  return {
    schema: 1,
    name: made.name,
    title: titleOf(made),
    model: {
      file: 'model.onnx',
      digest: modelDigest(model),
      parameters: card.model.parameters + change,
      parametersStored: card.model.parametersStored + change,
      storage: tuned?.quantised ? `${card.model.storage}; ${lastConvolutions(tuned)} float32` : card.model.storage,
    },
    input: card.input,
    resize: card.resize,
    output: {
      name: 'logits',
      decision: binary ? 'binary' : 'softmax',
      labels: [...labels],
      ...(binary && { positive }),
      temperature: Number(made.temperature.toPrecision(6)),
    },
    accuracy: made.accuracy,
    statistics: made.statistics,
    golden: await goldenCases(made, model),
    goldenTolerance: 0.001,
    licence: `${card.licence}; the head ${tuned ? `and the ${lastConvolutions(tuned)} were` : 'was'} trained on photographs of the user, whose licence is the user's matter`,
  };
}

function titleOf({ base, tuned, shape, labels }: NewBundle): string {
  const head = shape.kind === 'gap' ? 'global average pooling, Dense' : 'Flatten, Dense 64, Dense';
  const { width, height } = base.card.input;
  const shown = labels.length > 6 ? `${labels.length} classes` : labels.join(', ');
  const change = tuned ? `, its ${lastConvolutions(tuned)} fine-tuned` : '';
  return `backbone of ${base.card.name} at ${width}×${height}${change}, ${head} ${shape.outputs}: ${shown}`;
}

async function goldenCases({ base, engine }: NewBundle, model: Uint8Array): Promise<Card['golden']> {
  const { name, width, height } = base.card.input;
  const graph = await engine.load(model);
  try {
    const cases: Card['golden'] = [];
    for (const input of ['lcg', 0.5] as const) {
      const data = goldenInput(input, 3 * height * width);
      const { outputs } = await graph.run({ [name]: { data, dims: [1, 3, height, width] } });
      const logits = Array.from(outputs['logits']?.data as Float32Array, (value) => Number(value.toPrecision(7)));
      cases.push({ input, logits: logits.slice(0, 16) });
    }
    return cases;
  } finally {
    await graph.release();
  }
}
