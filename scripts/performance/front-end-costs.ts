/** What the front end costs at the sizes of cameras: one thread, turn by turn, medians. */
import { median } from '../../src/domain/median.ts';
import type { Geometry } from '../../src/model/geometry.ts';
import { onnxruntimeEngine } from '../../src/engine/onnxruntime/engine.ts';
import { loadBundle } from '../../src/model/bundle.ts';
import { chooseGeometry } from '../../src/model/choose-geometry.ts';
import { closedForm } from '../../src/model/closed-form.ts';
import { FrontEndSession } from '../../src/model/front-end-session.ts';
import { sizeText } from '../../src/model/geometry.ts';
import { parseResolution } from '../../src/model/resolution.ts';

export interface FrontEndCost {
  readonly bundle: string;
  readonly camera: string;
  readonly mode: Geometry['mode'];
  readonly strides: string;
  readonly grid: string;
  /** Milliseconds per frame. */
  readonly ms: number;
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
    const runs = variants.map(({ camera, mode }) => {
      const { geometry } = chooseGeometry(mode, 'cpu', bundle.card, parseResolution(camera));
      const { weights } = closedForm(geometry, bundle.card.resize.kernel);
      const session = new FrontEndSession(engine, geometry);
      let pixels = new Uint8Array(3 * geometry.grid.width * geometry.grid.height).map((_, i) => (i * 7919) % 256);
      const once = async () => {
        const result = await session.run(pixels, weights);
        session.release(result.image);
        pixels = result.pixels;
        return result.milliseconds;
      };
      return { camera, mode, geometry, once, times: [] as number[], session };
    });
    for (let round = 0; round < rounds; round++) for (const { once, times } of runs) times.push(await once());
    for (const { camera, mode, geometry, times, session } of runs) {
      const { strides, grid } = geometry;
      const ms = median(times);
      const text = `${strides.x.join('·')}, ${strides.y.join('·')}`;
      costs.push({ bundle: name, camera, mode, strides: text, grid: sizeText(grid), ms });
      await session[Symbol.asyncDispose]();
    }
  }
  return costs;
}
