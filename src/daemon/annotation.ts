/** Gathers what a run says of a video, to be drawn into it. */
import { argmax } from '../domain/argmax.ts';
import { handlers } from '../domain/happenings.ts';
import { annotate, type Cue } from '../video/annotate/annotate.ts';
import type { Ffmpeg } from '../video/ffmpeg/ffmpeg.ts';
import type { SourceSpec } from '../video/source/source-spec.ts';

/** How long the last text stays, seconds. */
const lastSeconds = 1;

export class Annotation {
  readonly #texts: { readonly atSeconds: number; readonly text: string }[] = [];

  readonly subscriber = handlers({
    prediction: ({ prediction: { presentationSeconds, probabilities }, labels }) => {
      const best = argmax(probabilities);
      const text = `${labels[best] ?? ''} ${(100 * (probabilities[best] ?? 0)).toFixed(0)} %`;
      // One cue for as long as the text stays the same.
      if (this.#texts.at(-1)?.text !== text) this.#texts.push({ atSeconds: presentationSeconds, text });
    },
  });

  /** Draws label and probability into the input. Rejects with a `UserError` where it cannot. */
  write(target: { input: SourceSpec; output: string; ffmpeg: Ffmpeg; signal: AbortSignal }): Promise<void> {
    return annotate({ ...target, cues: this.#cues() });
  }

  #cues(): Cue[] {
    return this.#texts.map(({ atSeconds, text }, i) => ({
      fromSeconds: atSeconds,
      toSeconds: this.#texts[i + 1]?.atSeconds ?? atSeconds + lastSeconds,
      text,
    }));
  }
}
