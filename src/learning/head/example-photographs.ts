/** Which photographs a report shows, and what they look like to the classifier. */
import { logProbabilities } from '../../domain/decision-rule.ts';
import type { Card } from '../../model/card.ts';
import type { ImagesBlock, ReportImage } from '../../output/report/data.ts';
import { rgbFromUnitPlanes } from '../../output/report/pixels.ts';
import type { Ffmpeg } from '../../video/ffmpeg/ffmpeg.ts';
import { answerOf } from './classification.ts';
import { decodePhotographs } from './decode-photographs.ts';
import type { Photograph } from './photographs.ts';

/** Of the wrong and of the right each. */
const shown = 6;

export interface AnsweredPhotograph {
  readonly path: string;
  readonly label: number;
  readonly answer: number;
  /** Probability of the answer. */
  readonly confidence: number;
}

/** In the order of the photographs. */
export function answered(
  photographs: readonly Photograph[],
  logits: readonly ArrayLike<number>[],
  temperature: number,
): AnsweredPhotograph[] {
  return photographs.map(({ path, label }, i) => {
    const row = logits[i] ?? [];
    const answer = answerOf(row);
    return { path, label, answer, confidence: Math.exp(logProbabilities(row, temperature)[answer] ?? NaN) };
  });
}

/** What there is to learn from: the wrong ones that are surest, and the right ones that are least sure. */
export function telling(all: readonly AnsweredPhotograph[]): Record<'wrong' | 'right', AnsweredPhotograph[]> {
  const sure = [...all].sort((a, b) => b.confidence - a.confidence);
  return {
    wrong: sure.filter(({ label, answer }) => answer !== label).slice(0, shown),
    right: sure
      .filter(({ label, answer }) => answer === label)
      .reverse()
      .slice(0, shown),
  };
}

/** Decodes the telling ones; rejects as `decodePhotographs` does. */
export async function examplePhotographs(
  all: readonly AnsweredPhotograph[],
  labels: readonly string[],
  card: Card,
  options: { readonly ffmpeg: Ffmpeg; readonly signal?: AbortSignal | undefined },
): Promise<ImagesBlock> {
  const { wrong, right } = telling(all);
  const pictures = new Map<string, Uint8Array>();
  await decodePhotographs(
    [...wrong, ...right].map(({ path }) => path),
    card,
    {
      ...options,
      onPhotograph: ({ path, image }) => Promise.resolve(void pictures.set(path, rgbFromUnitPlanes(image))),
      onUnreadable: () => undefined,
    },
  );
  const { width, height } = card.input;
  const row = (caption: string, verdict: 'right' | 'wrong', some: readonly AnsweredPhotograph[]) => ({
    caption,
    images: some.flatMap(({ path, label, answer, confidence }): ReportImage[] => {
      const rgb = pictures.get(path);
      const text = `${labels[answer] ?? ''} ${(100 * confidence).toFixed(1)} %`;
      const truth = answer === label ? '' : `, but is ${labels[label] ?? ''}`;
      return rgb === undefined ? [] : [{ caption: text + truth, width, height, rgb, verdict }];
    }),
  });
  return {
    kind: 'images',
    rows: [
      ...(wrong.length > 0 ? [row('Wrong, the surest first', 'wrong', wrong)] : []),
      row('Right, the least sure first', 'right', right),
    ],
  };
}
