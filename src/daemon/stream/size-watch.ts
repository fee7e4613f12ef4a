/** Watches the pictures of a source for another size or shape than was planned for. */
import { displaySize, type SourceInfo } from '../../video/source/source-info.ts';
import { SourceError } from '../../video/source/source-error.ts';
import { describeSource } from '../../video/source/source-spec.ts';
import { sizeText } from '../../domain/frame.ts';
import type { RunningStreamParts, StreamCommons } from './running-stream.ts';
import { isLossless, type StreamPlan } from './stream-plan.ts';

/** From where on the source is planned and opened anew. */
export interface SizeChange {
  /** What the source is from here on. */
  readonly info: SourceInfo;
  /** Frames that were delivered before; none of a live source, which goes on where it is. */
  readonly skipFrames: number;
}

export class SizeWatch {
  readonly #plan: StreamPlan;
  readonly #commons: Pick<StreamCommons, 'ledger' | 'happenings'>;
  #info: SourceInfo | undefined;
  #change: SizeChange | undefined;
  #fault: SourceError | undefined;

  constructor(plan: StreamPlan, commons: Pick<StreamCommons, 'ledger' | 'happenings'>) {
    this.#plan = plan;
    this.#commons = commons;
  }

  /** Where the source ended for it. Throws where it cannot be opened again. */
  get change(): SizeChange | undefined {
    if (this.#fault) throw this.#fault;
    return this.#change;
  }

  /** For the stream that is watched. */
  get parts(): Pick<RunningStreamParts, 'onResolutionChange' | 'goesOn' | 'labelsGoOn'> {
    const { spec, config, info: planned, name } = this.#plan;
    const { ledger, happenings } = this.#commons;
    const lossless = isLossless({ spec, config });
    if (spec.kind === 'folder') return {};
    const changed = (native: SourceInfo['native'], sampleAspectRatio: number): SourceInfo => ({
      ...planned,
      native,
      sampleAspectRatio,
      display: displaySize(native, sampleAspectRatio),
    });
    if (!lossless && !spec.live) {
      // At its own pace it cannot be opened at that place: ffmpeg would take as long to come there again.
      let isTold = false;
      return {
        onResolutionChange: (native) => {
          if (isTold || sizeText(native) === sizeText(planned.native)) return;
          isTold = true;
          const sentence =
            `the pictures of ${name} must keep their size ${sizeText(planned.native)} at its own pace, but are ` +
            `${sizeText(native)} from some place on: such frames are dropped; read it whole`;
          happenings.tell({ type: 'trouble', sentence });
        },
      };
    }
    return {
      onResolutionChange: (native, ratio) => {
        this.#info = changed(native, ratio);
      },
      labelsGoOn: () => this.#change !== undefined,
      goesOn: ({ sequence, presentationSeconds }) => {
        const info = this.#info;
        if (info === undefined) return true;
        this.#change = { info, skipFrames: spec.live ? 0 : sequence };
        if (spec.kind === 'pipe') this.#fault = onlyOnce(this.#plan, info, presentationSeconds);
        if (spec.live) ledger.lost(name, 'geometry');
        return false;
      },
    };
  }
}

/** What comes through a pipe cannot be opened again. */
function onlyOnce({ spec, info }: StreamPlan, { native, display }: SourceInfo, seconds: number): SourceError {
  const isSize = native.width !== info.native.width || native.height !== info.native.height;
  const [before, after] = isSize ? [info.native, native] : [info.display, display];
  return new SourceError(
    `the source ${describeSource(spec)} must keep its size ${sizeText(before)}, but is ${sizeText(after)} from ` +
      `${seconds.toFixed(1)} s on, and a pipe can be read only once: write it to a file, and name that`,
    'codec',
  );
}
