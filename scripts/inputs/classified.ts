import { basename } from 'node:path';
import { resolveConfig } from '../../src/config/load.ts';
import { run } from '../../src/daemon/run.ts';
import { ffmpegSources } from '../../src/daemon/stream/sources.ts';
import { systemClock } from '../../src/domain/clock.ts';
import { handlers, Happenings } from '../../src/domain/happenings.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import type { Ffmpeg } from '../../src/video/ffmpeg/ffmpeg.ts';

/** By position: what was said of a frame, and when it is shown. */
export type Answers = Map<number, { readonly probabilities: Float32Array; readonly seconds: number }>;

export interface Machine {
  readonly engine: Engine;
  readonly ffmpeg: Ffmpeg;
}

/** Without smoothing; of pictures the position is the number in the name. */
export async function classified(source: string, { engine, ffmpeg }: Machine): Promise<Answers> {
  const answers: Answers = new Map();
  const happenings = new Happenings();
  happenings.subscribe(
    handlers({
      prediction: ({ prediction: { source: picture, sequence, presentationSeconds: seconds, probabilities } }) => {
        const position = picture === undefined ? sequence : Number.parseInt(basename(picture), 10) - 1;
        answers.set(position, { probabilities, seconds });
      },
    }),
  );
  const { failures } = await run({
    config: resolveConfig({
      overrides: { streams: [{ name: 'input', source, view: 'whole', smoothing: { time_constant_seconds: 0 } }] },
    }),
    engine,
    sources: ffmpegSources(ffmpeg),
    clock: systemClock,
    ledger: new Ledger(happenings),
    happenings,
    signal: new AbortController().signal,
  });
  if (failures.length > 0) throw failures[0];
  return answers;
}
