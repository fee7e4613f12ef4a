/** Front ends that need no steps: where a fit begins, and often enough where it ends. */
import type { AdapterWeights } from '../../model/adapter.ts';
import { Autocovariance } from '../closed-form/autocovariance.ts';
import { withColourMap } from '../closed-form/colour-map.ts';
import { colourTransport } from '../closed-form/colour-transport.ts';
import { denoised, noiseShare } from '../closed-form/wiener.ts';
import type { FrameSet } from '../data/frame-set.ts';
import type { FeatureStatistics } from '../statistics/feature-statistics.ts';
import type { Observer } from '../statistics/observe.ts';

export interface NamedWeights {
  readonly name: string;
  readonly weights: AdapterWeights;
}

/** Frames to measure colours on, and to measure the autocovariance on. */
const [colourFrames, noiseFrames] = [96, 24];
/** Less noise than this, as a share of the variance, is not worth a filter. */
const leastNoise = 0.01;

export interface CandidateParts {
  readonly observer: Pick<Observer, 'observe'>;
  readonly frames: Pick<FrameSet, 'grid' | 'read'>;
  /** Frames to fit on. */
  readonly indices: readonly number[];
  readonly target: FeatureStatistics;
  readonly signal?: AbortSignal | undefined;
}

/**
 * From `start`, none of which needs a gradient: colours transported; noise filtered first where there is some.
 * None where the target has no colour statistics.
 */
export async function closedFormCandidates(start: AdapterWeights, parts: CandidateParts): Promise<NamedWeights[]> {
  const autocovariance = await Autocovariance.of(parts.frames, spreadOver(parts.indices, noiseFrames));
  const noisy = noiseShare(autocovariance) > leastNoise;
  const starts = [
    { name: 'transport', weights: start },
    ...(noisy ? [{ name: 'denoiser + transport', weights: denoised(start, autocovariance) }] : []),
  ];
  const candidates: NamedWeights[] = [];
  for (const { name, weights } of starts) {
    const transported = await transport(weights, parts);
    if (transported) candidates.push({ name, weights: transported });
  }
  return candidates;
}

async function transport(weights: AdapterWeights, parts: CandidateParts): Promise<AdapterWeights | undefined> {
  const { observer, frames, indices, target, signal } = parts;
  if (target.pixels === undefined) return undefined;
  const { statistics } = await observer.observe(frames, spreadOver(indices, colourFrames), weights, signal);
  return withColourMap(weights, colourTransport(statistics.pixels, target.pixels));
}

/** At most so many of the items, evenly from first to last. */
export function spreadOver(items: readonly number[], most: number): number[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)] ?? NaN);
}
