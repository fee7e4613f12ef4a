/** The device, and whether every bundle answers on it as it did when it was made. */
import type { Config } from '../../config/schema.ts';
import { onnxruntimeEngine } from '../../engine/onnxruntime/engine.ts';
import { bundleDirectories, listBundles, loadBundle } from '../../model/bundle.ts';
import { verifyBundle } from '../../model/verify-bundle.ts';
import { finding, type Finding } from './finding.ts';

/** `hasGpu`: the box shows a GPU, so running on the CPU is worth a note. */
export async function inferenceFindings(config: Config, hasGpu: boolean): Promise<readonly Finding[]> {
  const asked = await finding('device', () => deviceFinding(config, hasGpu));
  const paths = bundleDirectories(config.models_directory);
  const names = new Set([...(await listBundles(paths)), ...config.streams.map(({ bundle }) => bundle)]);
  // Bundles can be judged without the device that was asked for.
  await using engine = await onnxruntimeEngine({ device: asked.verdict === 'failed' ? 'cpu' : config.device });
  const bundles: Finding[] = [];
  for (const name of names) {
    bundles.push(
      await finding('bundle', async () => {
        const { cases, passed } = await verifyBundle(await loadBundle(name, paths), engine);
        const worst = Math.max(...cases.map(({ difference }) => difference));
        const answers = `on ${engine.report.device} (largest difference ${worst.toExponential(1)})`;
        return passed
          ? { verdict: 'ok', says: `${name} is whole and answers its golden inputs ${answers}` }
          : {
              verdict: 'failed',
              says: `${name} must answer its golden inputs as when it was made, but does not ${answers}: choose another device, or update its driver`,
            };
      }),
    );
  }
  return [asked, ...bundles];
}

async function deviceFinding({ device }: Config, hasGpu: boolean): Promise<Omit<Finding, 'check'>> {
  await using engine = await onnxruntimeEngine({ device });
  const { device: chosen, name, reason, threads } = engine.report;
  const says = `${chosen} (${name}, ${threads} threads; ${reason})`;
  return hasGpu && device === 'auto' && chosen === 'cpu'
    ? {
        verdict: 'note',
        says: `${says}; the box has a GPU: install its Vulkan driver, or NVIDIA's CUDA 12 and cuDNN 9`,
      }
    : { verdict: 'ok', says };
}
