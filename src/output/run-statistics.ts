import type { Seen, UnreadablePicture } from '../domain/frame.ts';
import type { PictureResult } from '../domain/prediction.ts';
import type { Stage } from '../domain/happening.ts';
import { handlers } from '../domain/happenings.ts';
import { QuantileSketch } from './quantiles.ts';
import type { FrameCounts, RunSummary } from './summary.ts';

interface StreamRecord {
  readonly age: QuantileSketch;
  events: number;
  readonly secondsPerLabel: Map<string, number>;
  unreadable: readonly UnreadablePicture[];
  seen: Seen | undefined;
  readonly pictures: { readonly position: number; readonly picture: PictureResult }[];
}

/** As the summary calls them. */
const stageNames: Readonly<Record<Stage, string>> = { frontend: 'front end', backbone: 'classifier (batch)' };

/** Gathers, while streams run, what the summary at the end tells; bounded memory per stream, stage, label and picture. */
export class RunStatistics {
  readonly #streams = new Map<string, StreamRecord>();
  readonly #stages = new Map<string, QuantileSketch>();

  readonly subscriber = handlers({
    prediction: ({ stream, prediction: { decidedAt, capturedAt } }) =>
      this.#stream(stream).age.record((decidedAt - capturedAt) / 1000),
    stage_run: ({ stage, seconds }) => {
      const name = stageNames[stage];
      let sketch = this.#stages.get(name);
      if (!sketch) this.#stages.set(name, (sketch = new QuantileSketch()));
      sketch.record(seconds);
    },
    pictures_unreadable: ({ stream, pictures }) => {
      this.#stream(stream).unreadable = pictures;
    },
    source_seen: ({ stream, seconds, durationSeconds, complete }) => {
      this.#stream(stream).seen = { seconds, durationSeconds, complete };
    },
    picture: ({ stream, position, picture }) => void this.#stream(stream).pictures.push({ position, picture }),
    event: ({ stream, event: { label, durationSeconds } }) => {
      const record = this.#stream(stream);
      record.events++;
      if (durationSeconds === undefined) return;
      record.secondsPerLabel.set(label, (record.secondsPerLabel.get(label) ?? 0) + durationSeconds);
    },
  });

  /**
   * @param seconds wall-clock length of the run
   * @param counts of every stream, as the ledger has them
   */
  summary(seconds: number, counts: ReadonlyMap<string, FrameCounts>): RunSummary {
    return {
      seconds,
      streams: Array.from(counts, ([stream, frames]) => {
        const { age, events, secondsPerLabel, unreadable, seen, pictures } = this.#stream(stream);
        const inPlace = [...pictures].sort((a, b) => a.position - b.position);
        const longestFirst = [...secondsPerLabel].sort(([, a], [, b]) => b - a);
        return {
          stream,
          frames,
          age: age.quantiles(),
          events,
          secondsPerLabel: longestFirst,
          unreadable,
          ...(seen && { seen }),
          pictures: inPlace.map(({ picture }) => picture),
        };
      }),
      stages: Array.from(this.#stages, ([stage, sketch]) => ({ stage, duration: sketch.quantiles() })),
    };
  }

  #stream(stream: string): StreamRecord {
    let record = this.#streams.get(stream);
    if (!record)
      this.#streams.set(
        stream,
        (record = {
          age: new QuantileSketch(),
          events: 0,
          secondsPerLabel: new Map(),
          unreadable: [],
          seen: undefined,
          pictures: [],
        }),
      );
    return record;
  }
}
