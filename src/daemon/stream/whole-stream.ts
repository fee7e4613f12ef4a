/** A stream without supervision, whose pictures may change their size on the way. */
import { concat, defer, EMPTY, from, switchMap, type Observable } from 'rxjs';
import type { StateEvent } from '../../domain/event.ts';
import type { SourceInfo } from '../../video/source/source-info.ts';
import { runningStream$, type StreamCommons } from './running-stream.ts';
import { SizeWatch } from './size-watch.ts';
import type { StreamPlan } from './stream-plan.ts';

export interface WholeStreamParts {
  readonly signal: AbortSignal;
  /** Plans the stream for what the source is from here on. */
  readonly replan: (info: SourceInfo) => Promise<StreamPlan>;
}

/**
 * Ends the decoder before the first frame of another size, and opens the source again, planned anew. What is read
 * whole goes on from that frame: the decoder counts up to it, which is exact in every container.
 */
export function wholeStream$(
  plan: StreamPlan,
  parts: WholeStreamParts,
  commons: StreamCommons,
  skipFrames = 0,
): Observable<StateEvent> {
  const { signal, replan } = parts;
  const watch = new SizeWatch(plan, commons);
  const part$ = runningStream$(
    plan,
    { adapter: () => plan.adapter, signal, watch: (frames$) => frames$, skipFrames, ...watch.parts },
    commons,
  );
  const rest$ = defer(() => {
    if (signal.aborted || watch.change === undefined) return EMPTY;
    const { info, skipFrames: delivered } = watch.change;
    commons.happenings.tell({ type: 'resolution_changed', stream: plan.name, native: info.native });
    return from(replan(info)).pipe(switchMap((planned) => wholeStream$(planned, parts, commons, delivered)));
  });
  return concat(part$, rest$);
}
