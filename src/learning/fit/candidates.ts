/** Front ends that need no steps: where a fit begins, and often enough where it ends. */
import type { AdapterWeights } from '../../model/adapter.ts';
import { Autocovariance } from '../closed-form/autocovariance.ts';
import { withColourMap } from '../closed-form/colour-map.ts';
import { colourTransport } from '../closed-form/colour-transport.ts';
import { denoised, noiseShare } from '../closed-form/wiener.ts';
import type { FrameSet } from '../data/frame-set.ts';
import { spreadOver } from '../data/spread.ts';
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
  /** See `noiseOf`. */
  readonly noise: Autocovariance | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * From `start`, none of which needs a gradient: colours transported; noise filtered first where there is some.
 * None where the target has no colour statistics.
 */
export async function closedFormCandidates(start: AdapterWeights, parts: CandidateParts): Promise<NamedWeights[]> {
  const { noise } = parts;
  const starts = [
    { name: 'transport', weights: start },
    ...(noise ? [{ name: 'denoiser + transport', weights: denoised(start, noise) }] : []),
  ];
  const candidates: NamedWeights[] = [];
  for (const { name, weights } of starts) {
    const transported = await transport(weights, parts);
    if (transported) candidates.push({ name, weights: transported });
  }
  return candidates;
}

/** What a denoiser needs to know; undefined where there is too little noise for one. */
export async function noiseOf({
  frames,
  indices,
}: Pick<CandidateParts, 'frames' | 'indices'>): Promise<Autocovariance | undefined> {
  const autocovariance = await Autocovariance.of(frames, spreadOver(indices, noiseFrames));
  return noiseShare(autocovariance) > leastNoise ? autocovariance : undefined;
}

/** Contrasts to try, as multiples of the one that a fit gives. */
const contrasts = [0.65, 0.8, 1.25] as const;

/**
 * The front end with less and with more contrast about the target's mean colour. Where noise is left, less of it may be
 * worth more than what is lost of the picture; and what was taught by squared errors on noise shows too little contrast.
 * None where the target has no colour statistics.
 */
export function otherContrasts({ name, weights }: NamedWeights, { pixels }: FeatureStatistics): NamedWeights[] {
  if (pixels === undefined) return [];
  return contrasts.map((contrast) => ({
    name: `${name} + contrast ${contrast}`,
    weights: withColourMap(weights, {
      matrix: [0, 1, 2].map((row) => [0, 1, 2].map((column) => (row === column ? contrast : 0))),
      offset: pixels.mean.map((value) => (1 - contrast) * value),
    }),
  }));
}

async function transport(weights: AdapterWeights, parts: CandidateParts): Promise<AdapterWeights | undefined> {
  const { observer, frames, indices, target, signal } = parts;
  if (target.pixels === undefined) return undefined;
  const { statistics } = await observer.observe(frames, spreadOver(indices, colourFrames), weights, signal);
  return withColourMap(weights, colourTransport(statistics.pixels, target.pixels));
}
