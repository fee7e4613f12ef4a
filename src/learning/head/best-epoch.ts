/** When a training ends, and which of its epochs is kept. */
import type { Clock } from '../../domain/clock.ts';
import type { NetworkEpoch } from './fit-network.ts';

export type EpochFigures = Omit<NetworkEpoch, 'state'>;

export interface CourseOptions {
  /** At most. */
  readonly epochs: number;
  /** Epochs without a lower validation loss after which training ends. */
  readonly patience: number;
  /** Training ends at the first epoch after so many seconds; what is gone on with does not begin where they are none. */
  readonly budgetSeconds?: number | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

export interface Course {
  readonly epochs: readonly EpochFigures[];
  /** The epoch with the lowest validation loss. */
  readonly best: NetworkEpoch;
}

export type EndOfCourse = 'epochs' | 'early' | 'budget';

/**
 * Follows a training to its end, from `before` where it is gone on with. `onEpoch` is waited for.
 *
 * Throws the signal's reason when aborted.
 */
export async function bestEpoch(
  training: AsyncGenerator<NetworkEpoch>,
  options: CourseOptions & { readonly onEpoch?: (epoch: NetworkEpoch, course: Course) => void | Promise<void> },
  before?: Course,
): Promise<Course & { readonly stopped: EndOfCourse }> {
  const { budgetSeconds = Infinity } = options;
  const startedAt = options.clock.now();
  let course = before;
  let stopped: EndOfCourse | undefined =
    course && (ending(course, options) ?? (budgetSeconds <= 0 ? 'budget' : undefined));
  try {
    while (stopped === undefined) {
      const next = await training.next();
      if (next.done === true) break;
      options.signal?.throwIfAborted();
      const { epoch, validation } = next.value;
      const least = course?.best.validation.loss ?? NaN;
      const better = validation.loss < least || Number.isNaN(least);
      const figures = { epoch, training: next.value.training, validation };
      course = {
        epochs: [...(course?.epochs ?? []), figures],
        best: course === undefined || better ? next.value : course.best,
      };
      await options.onEpoch?.(next.value, course);
      const seconds = (options.clock.now() - startedAt) / 1000;
      stopped = ending(course, options) ?? (seconds >= budgetSeconds ? 'budget' : undefined);
    }
  } finally {
    await training.return(undefined);
  }
  if (course === undefined) throw new Error('no epoch was trained');
  return { ...course, stopped: stopped ?? 'epochs' };
}

function ending({ epochs, best }: Course, { epochs: most, patience }: CourseOptions): EndOfCourse | undefined {
  if (epochs.length >= most) return 'epochs';
  return epochs.length - 1 - best.epoch >= patience ? 'early' : undefined;
}
