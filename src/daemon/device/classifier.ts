/** A bundle on the device: its session, and the batches that all its streams share. */
import { createHash } from 'node:crypto';
import { from, map } from 'rxjs';
import type { Config } from '../../config/schema.ts';
import { ConfigurationError } from '../../domain/errors.ts';
import type { Happenings } from '../../domain/happenings.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Bundle } from '../../model/bundle.ts';
import { ClassifierSession } from '../../model/classifier-session.ts';
import { Batcher } from '../../pipeline/batcher.ts';

export interface ClassifierOptions {
  /** Asked whenever it is needed: a reload may change how long a frame waits. */
  readonly batch: () => Config['batch'];
  readonly happenings: Happenings;
}

export interface Classifier extends AsyncDisposable {
  readonly bundle: Bundle;
  readonly session: ClassifierSession;
  readonly batcher: Batcher<Float32Array, Float32Array>;
}

/** Throws a ConfigurationError where the engine does not take the bundle's graph. */
export async function loadClassifier(
  bundle: Bundle,
  engine: Engine,
  { batch, happenings }: ClassifierOptions,
): Promise<Classifier> {
  const session = await loadSession(bundle, engine);
  const batcher = new Batcher<Float32Array, Float32Array>({
    size: batch().size,
    get maxWaitMs() {
      return 1000 * batch().max_wait_seconds;
    },
    inFlight: batch().in_flight,
    onBatch: (frames) => happenings.tell({ type: 'batch_run', frames }),
    // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
    project: (images) =>
      from(session.classify(images)).pipe(
        map(({ logits, milliseconds }) => {
          happenings.tell({ type: 'stage_run', stage: 'backbone', seconds: milliseconds / 1000 });
          return logits;
        }),
      ),
  });
  return { bundle, session, batcher, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}

async function loadSession({ card, modelPath }: Bundle, engine: Engine): Promise<ClassifierSession> {
  const { name: inputName, width, height } = card.input;
  const model = { modelPath, inputName, outputName: card.output.name, input: { width, height } };
  try {
    return await ClassifierSession.load(engine, model);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError(
      `the classifier ${card.name} must load on ${engine.report.device}, it does not (${reason}): ` +
        'choose another device, or copy the bundle again',
      { cause: error },
    );
  }
}

/** Equal for bundles that answer alike in all that their cards say: the card holds the digest of the graph. */
export function bundleKey({ card }: Bundle): string {
  return createHash('sha256').update(JSON.stringify(card)).digest('hex');
}
