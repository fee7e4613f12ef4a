/** A source that is read whole, whose pictures may change their size on the way. */
import { concat, defer, EMPTY, from, switchMap, type Observable } from 'rxjs';
import type { StateEvent } from '../../domain/event.ts';
import { displaySize, type SourceInfo } from '../../video/source/source-info.ts';
import { runningStream$, type StreamCommons } from './running-stream.ts';
import { SourceError } from '../../video/source/source-error.ts';
import { describeSource } from '../../video/source/source-spec.ts';
import { sizeText } from '../../model/geometry.ts';
import { hasPlannedSize } from './stream.ts';
import { isLossless, type StreamPlan } from './stream-plan.ts';

export interface WholeStreamParts {
  readonly signal: AbortSignal;
  /** Plans the stream for what the source is from here on. */
  readonly replan: (info: SourceInfo) => Promise<StreamPlan>;
}

/**
 * Ends the decoder before the first frame of another size, and opens the source again, planned anew, from that frame
 * on: the decoder counts up to it, which is exact in every container. What is not read whole drops such frames.
 */
export function wholeStream$(
  plan: StreamPlan,
  parts: WholeStreamParts,
  commons: StreamCommons,
  skipFrames = 0,
): Observable<StateEvent> {
  const { signal, replan } = parts;
  // eslint-disable-next-line rxjs-x/finnish -- makes streams, is none
  const common = { adapter: () => plan.adapter, signal, watch: <T>(frames$: Observable<T>) => frames$ };
  if (!isLossless(plan) || plan.spec.kind === 'folder') return runningStream$(plan, common, commons);
  let info = plan.info;
  let next: { readonly info: SourceInfo; readonly sequence: number; readonly seconds: number } | undefined;
  const part$ = runningStream$(
    plan,
    {
      ...common,
      skipFrames,
      onResolutionChange: (native, sampleAspectRatio) => {
        info = { ...plan.info, native, sampleAspectRatio, display: displaySize(native, sampleAspectRatio) };
      },
      goesOn: (frame) => {
        if (hasPlannedSize(frame, plan)) return true;
        next = { info, sequence: frame.sequence, seconds: frame.presentationSeconds };
        return false;
      },
    },
    commons,
  );
  const rest$ = defer(() => {
    if (next === undefined || signal.aborted) return EMPTY;
    const { info: changed, sequence, seconds } = next;
    if (plan.spec.kind === 'pipe') throw onlyOnce(plan, changed, seconds);
    commons.happenings.tell({ type: 'resolution_changed', stream: plan.name, native: changed.native });
    return from(replan(changed)).pipe(switchMap((planned) => wholeStream$(planned, parts, commons, sequence)));
  });
  return concat(part$, rest$);
}

/** What comes through a pipe cannot be opened again. */
function onlyOnce({ spec, info }: StreamPlan, { native }: SourceInfo, seconds: number): SourceError {
  return new SourceError(
    `the source ${describeSource(spec)} must keep its size ${sizeText(info.native)}, but is ${sizeText(native)} from ` +
      `${seconds.toFixed(1)} s on, and a pipe can be read only once: write it to a file, and name that`,
    'codec',
  );
}
