/** What the front end costs at the sizes of cameras: one thread, turn by turn, medians. */
import { median } from '../../src/domain/median.ts';
import { onnxruntimeEngine } from '../../src/engine/onnxruntime/engine.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { chooseGeometry } from '../../src/model/choose-geometry.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { FrontEndSession } from '../../src/model/front-end/session.ts';
import { sizeText } from '../../src/domain/frame.ts';
import type { Geometry } from '../../src/model/geometry.ts';
import { parseResolution } from '../../src/model/resolution.ts';
import { asFitted } from './as-fitted.ts';

export interface FrontEndCost {
  readonly bundle: string;
  readonly camera: string;
  readonly mode: Geometry['mode'];
  readonly strides: string;
  readonly grid: string;
  /** Milliseconds per frame, with the closed form and with a fitted adapter. */
  readonly ms: number;
  readonly fittedMs: number;
}

const rounds = 25;

export async function frontEndCosts(
  bundles: readonly string[],
  cameras: readonly string[],
): Promise<readonly FrontEndCost[]> {
  await using engine = await onnxruntimeEngine({ device: 'cpu', threads: 1 });
  const costs: FrontEndCost[] = [];
  for (const name of bundles) {
    const bundle = await loadBundle(name);
    const variants = cameras.flatMap((camera) => (['staged', 'native'] as const).map((mode) => ({ camera, mode })));
    const runs = await Promise.all(
      variants.map(async ({ camera, mode }) => {
        const { geometry } = chooseGeometry(mode, 'cpu', bundle.card, parseResolution(camera));
        const { weights } = closedForm(geometry, bundle.card.resize.kernel);
        let pixels = new Uint8Array(3 * geometry.grid.width * geometry.grid.height).map((_, i) => (i * 7919) % 256);
        const timed = async (adapter: typeof weights) => {
          const session = await FrontEndSession.load(engine, { geometry, adapter });
          const times: number[] = [];
          const once = async () => {
            const result = await session.run(pixels);
            session.release(result.image);
            pixels = result.pixels;
            times.push(result.milliseconds);
          };
          return { once, times, session };
        };
        return { camera, mode, geometry, closed: await timed(weights), fitted: await timed(asFitted(weights)) };
      }),
    );
    for (let round = 0; round < rounds; round++) {
      for (const { closed, fitted } of runs) {
        await closed.once();
        await fitted.once();
      }
    }
    for (const { camera, mode, geometry, closed, fitted } of runs) {
      const { strides, grid } = geometry;
      const [ms, fittedMs] = [median(closed.times), median(fitted.times)];
      const text = `${strides.x.join('·')}, ${strides.y.join('·')}`;
      costs.push({ bundle: name, camera, mode, strides: text, grid: sizeText(grid), ms, fittedMs });
      await closed.session[Symbol.asyncDispose]();
      await fitted.session[Symbol.asyncDispose]();
    }
  }
  return costs;
}
