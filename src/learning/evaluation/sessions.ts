/** Front end and classifier of a bundle on an engine. */
import type { Engine } from '../../engine/engine.ts';
import type { Bundle } from '../../model/bundle.ts';
import { ClassifierSession } from '../../model/classifier-session.ts';
import { FrontEnd } from '../../model/front-end/front-end.ts';
import type { Geometry } from '../../model/geometry.ts';
import type { Sessions } from './classify-frames.ts';

export async function openSessions(
  engine: Engine,
  { card, modelPath }: Bundle,
  geometry: Geometry,
): Promise<Sessions & AsyncDisposable> {
  const { input, output } = card;
  const classifier = await ClassifierSession.load(engine, {
    modelPath,
    inputName: input.name,
    outputName: output.name,
    input,
  });
  const frontEnd = FrontEnd.on(engine, geometry);
  return {
    classifier,
    frontEnd,
    [Symbol.asyncDispose]: async () => {
      await frontEnd[Symbol.asyncDispose]();
      await classifier[Symbol.asyncDispose]();
    },
  };
}
