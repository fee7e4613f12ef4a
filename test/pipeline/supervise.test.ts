import {
  BehaviorSubject,
  concat,
  defer,
  fromEvent,
  ignoreElements,
  NEVER,
  of,
  take,
  takeUntil,
  Subject,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { stopReason, type StopReason } from '../../src/domain/stop.ts';
import { supervise, type Intent, type SuperviseOptions } from '../../src/pipeline/supervise.ts';
import { virtualTime } from './marbles.ts';

const intents: Record<string, Intent> = { r: 'run', p: 'pause', s: 'stop' };

function options(intent$: Observable<Intent>, more: Partial<SuperviseOptions> = {}): SuperviseOptions {
  return { intent$, again$: NEVER, delayAfter: () => 4, onPaused: () => undefined, ...more };
}

/** An attempt that says hello, and when it is interrupted takes 2 ms to say goodbye. */
function polite(interrupted: AbortSignal): Observable<string> {
  const asked$ = fromEvent(interrupted, 'abort').pipe(take(1));
  return concat(
    concat(of('h'), NEVER).pipe(takeUntil(asked$)),
    defer(() => concat(timer(2).pipe(ignoreElements()), of('g'))),
  );
}

const always: Observable<Intent> = new BehaviorSubject<Intent>('run');

/** Tells the present intent to whoever subscribes. */
function changing(first: Intent, changes$: Observable<Intent>): Observable<Intent> {
  const intent$ = new BehaviorSubject(first);
  changes$.subscribe(intent$);
  return intent$;
}

describe('supervise', () => {
  it.each<[StopReason, (intent$: Subject<Intent>, again$: Subject<void>) => void]>([
    ['replaced', (_, again$) => again$.next()],
    ['paused', (intent$) => intent$.next('pause')],
    ['shutdown', (intent$) => intent$.next('stop')],
  ])('should tell an attempt that it is %s', (reason, ask) => {
    const intent$ = new BehaviorSubject<Intent>('run');
    const again$ = new Subject<void>();
    const signals: AbortSignal[] = [];
    const attempt = (interrupted: AbortSignal) => {
      signals.push(interrupted);
      return NEVER;
    };
    const subscription = supervise(attempt, options(intent$, { again$ })).subscribe();
    expect(signals.map(stopReason)).toEqual([undefined]);
    ask(intent$, again$);
    expect(signals.map(stopReason)).toEqual([reason]);
    subscription.unsubscribe();
  });

  it('should follow every failure with another attempt after the delay, for ever', () => {
    virtualTime().run(({ cold, expectObservable, expectSubscriptions }) => {
      const attempt$ = cold('                                    -a#');
      const result$ = supervise(() => attempt$, options(always));
      expectObservable(result$, '^------------------!').toBe('-a-----a-----a-----');
      expectSubscriptions(attempt$.subscriptions).toBe(['^-!', '------^-!', '------------^-!', '------------------^!']);
    });
  });

  it('should end with an attempt that completes', () => {
    virtualTime().run(({ cold, expectObservable }) => {
      expectObservable(supervise(() => cold('-a|'), options(always))).toBe('-a|');
    });
  });

  it('should ask for the delay with the error, once for each failure', () => {
    virtualTime().run(({ expectObservable, flush }) => {
      const errors: unknown[] = [];
      const delayAfter = (error: unknown) => {
        errors.push(error);
        return errors.length < 3 ? 1 : Infinity;
      };
      let n = 0;
      const attempt = () => throwError(() => ++n);
      expectObservable(supervise(attempt, options(always, { delayAfter })), '^-----!').toBe('------');
      flush();
      expect(errors).toEqual([1, 2, 3]);
    });
  });

  it('should cut a wait short when it is asked to', () => {
    virtualTime().run(({ cold, hot, expectObservable }) => {
      const again$ = hot('      --x---');
      const result$ = supervise(() => cold('a#'), options(always, { again$, delayAfter: () => Infinity }));
      expectObservable(result$, '^-----!').toBe('a-a---');
    });
  });

  it('should interrupt a running attempt when it is asked to, wait for its end, and begin anew at once', () => {
    virtualTime().run(({ hot, expectObservable, flush }) => {
      const again$ = hot('----x---');
      const delays: unknown[] = [];
      const more = { again$, delayAfter: (error: unknown) => delays.push(error) };
      expectObservable(supervise(polite, options(always, more)), '^---------!').toBe('h-----(gh)');
      flush();
      // It was no failure.
      expect(delays).toEqual([]);
    });
  });

  it('should pause, say so, and go on when it shall run', () => {
    virtualTime().run(({ hot, expectObservable, flush }) => {
      const intent$ = changing('run', hot('---p---r--', intents));
      const onPaused = vi.fn();
      expectObservable(supervise(polite, options(intent$, { onPaused })), '^---------!').toBe('h----g-h--');
      flush();
      expect(onPaused).toHaveBeenCalledOnce();
    });
  });

  it('should not wait for the rest of a back-off after a pause', () => {
    virtualTime().run(({ hot, cold, expectObservable }) => {
      const intent$ = changing('run', hot('--pr----', intents));
      const result$ = supervise(() => cold('a#'), options(intent$, { delayAfter: () => 100 }));
      expectObservable(result$, '^-------!').toBe('a--a---');
    });
  });

  it('should complete when it is stopped: running, waiting or paused', () => {
    virtualTime().run(({ cold, hot, expectObservable }) => {
      const stopped$ = changing('run', hot('---s', intents));
      expectObservable(supervise(polite, options(stopped$))).toBe('h----(g|)');
      const waiting$ = supervise(() => cold('#'), options(stopped$, { delayAfter: () => Infinity }));
      expectObservable(waiting$).toBe('---|');
      expectObservable(supervise(polite, options(changing('pause', hot('---s', intents))))).toBe('---|');
    });
  });
});
