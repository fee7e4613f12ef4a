/** A stream without supervision, whose pictures may change their size on the way. */
import { concat, defer, EMPTY, from, switchMap, tap, type Observable } from 'rxjs';
import type { StateEvent } from '../../domain/event.ts';
import type { SourceInfo } from '../../video/source/source-info.ts';
import { LabelMemory } from './label-memory.ts';
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
): Observable<StateEvent> {
  const labels = new LabelMemory(plan, commons.happenings);
  const end = () => labels.finish();
  return part$(plan, { ...parts, labels, skipFrames: 0 }, commons).pipe(tap({ complete: end, error: end }));
}

type PartParts = WholeStreamParts & { readonly labels: LabelMemory; readonly skipFrames: number };

/** From one size on. */
function part$(plan: StreamPlan, parts: PartParts, commons: StreamCommons): Observable<StateEvent> {
  const { signal, replan, labels, skipFrames } = parts;
  const watch = new SizeWatch(plan, commons);
  const events$ = runningStream$(
    plan,
    { adapter: () => plan.adapter, signal, labels, watch: (frames$) => frames$, skipFrames, ...watch.parts },
    commons,
  );
  const rest$ = defer(() => {
    if (signal.aborted || watch.change === undefined) return EMPTY;
    const { info, skipFrames: delivered } = watch.change;
    commons.happenings.tell({ type: 'resolution_changed', stream: plan.name, native: info.native });
    return from(replan(info)).pipe(
      switchMap((planned) => part$(planned, { ...parts, skipFrames: delivered }, commons)),
    );
  });
  return concat(events$, rest$);
}
