/** Gathers what a run says of a video, to be drawn into it. */
import { argmax } from '../domain/argmax.ts';
import { UserError } from '../domain/errors.ts';
import type { Rectangle } from '../domain/frame.ts';
import { handlers } from '../domain/happenings.ts';
import { stopBehind } from '../domain/stop.ts';
import {
  annotatable,
  annotate,
  type Annotatable,
  type AnnotateTarget,
  type Cue,
  type Cut,
} from '../video/annotate/annotate.ts';
import { partOf } from '../video/source/parted-source.ts';
import { rectanglesOf } from '../model/view.ts';
import type { StreamPlan } from './stream/stream-plan.ts';

/** How long the last text stays, seconds. */
const lastSeconds = 1;

export class Annotation {
  readonly #target: Annotatable;
  readonly #texts: { readonly atSeconds: number; readonly text: string }[] = [];

  private constructor(target: Annotatable) {
    this.#target = target;
  }

  /** Rejects with a `UserError` where the video could not be written at the end. */
  static async prepare(target: AnnotateTarget): Promise<Annotation> {
    return new Annotation(await annotatable(target));
  }

  /** What the user should know of the copy. */
  get notice(): string | undefined {
    return this.#target.notice;
  }

  readonly subscriber = handlers({
    prediction: ({ prediction: { presentationSeconds, probabilities }, labels }) => {
      const best = argmax(probabilities);
      const text = `${labels[best] ?? ''} ${(100 * (probabilities[best] ?? 0)).toFixed(0)} %`;
      // One cue for as long as the text stays the same.
      if (this.#texts.at(-1)?.text !== text) this.#texts.push({ atSeconds: presentationSeconds, text });
    },
  });

  /** Draws label and probability, and what is looked at, into the input. Resolves to what went wrong, if anything. */
  async write(plan: StreamPlan): Promise<unknown> {
    const { output, signal } = this.#target;
    try {
      await annotate(this.#target, {
        cues: this.#cues(),
        info: plan.info,
        frames: { display: plan.info.display, rectangles: lookedAt(plan) },
        cut: this.#cut(plan),
      });
      return undefined;
    } catch (error) {
      const stop = signal?.aborted === true ? stopBehind(error) : undefined;
      return stop ? new UserError(`the annotated video ${output} was not written: ${stop.message}`) : error;
    }
  }

  /** From the first frame that was classified on: a place between two frames is none in a video. */
  #cut({ spec, info: { entry } }: StreamPlan): Cut | undefined {
    const part = partOf(spec);
    if (part === undefined) return undefined;
    const startSeconds = this.#texts[0]?.atSeconds ?? part.startSeconds;
    return {
      entrySeconds: entry?.seconds ?? 0,
      startSeconds,
      durationSeconds: part.startSeconds + part.durationSeconds - startSeconds,
    };
  }

  #cues(): Cue[] {
    return this.#texts.map(({ atSeconds, text }, i) => ({
      fromSeconds: atSeconds,
      toSeconds: this.#texts[i + 1]?.atSeconds ?? atSeconds + lastSeconds,
      text,
    }));
  }
}

/** What is looked at; nothing where that is all of the picture in one. */
function lookedAt(plan: StreamPlan): Rectangle[] {
  const { display } = plan.info;
  return rectanglesOf(plan, display).filter(({ width, height }) => width < display.width || height < display.height);
}
