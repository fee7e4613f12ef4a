import type { DropReason } from '../domain/frame.ts';
import { Happenings } from '../domain/happenings.ts';

/** What a ledger follows: any object of a stream, by its identity. */
export interface Entered {
  readonly stream: string;
}

export interface Counts {
  readonly received: number;
  readonly classified: number;
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  readonly inFlight: number;
}

interface Account {
  received: number;
  classified: number;
  readonly dropped: Partial<Record<DropReason, number>>;
  readonly open: Set<Entered>;
}

/**
 * Where every frame went, per stream: received = classified + dropped + in flight.
 *
 * A frame is entered once and settled once; it is followed by identity, so one that is counted
 * twice, or that was never entered, is an error at the place where it happens rather than a sum
 * that is a little wrong. What is received and dropped is told to the happenings.
 */
export class Ledger {
  readonly #accounts = new Map<string, Account>();
  readonly #happenings: Happenings;

  constructor(happenings = new Happenings()) {
    this.#happenings = happenings;
  }

  /** The frame came from its source. Throws when it is in flight already. */
  received(frame: Entered): void {
    const account = this.#account(frame.stream);
    if (account.open.has(frame)) throw new Error(`a frame of stream ${frame.stream} was received twice`);
    account.open.add(frame);
    account.received++;
    this.#happenings.tell({ type: 'frame_received', stream: frame.stream, count: 1 });
  }

  /** The classifier answered for the frame. Throws when it is not in flight. */
  classified(frame: Entered): void {
    this.#settle(frame, 'classified').classified++;
  }

  /** The frame goes no further. Throws when it is not in flight. */
  dropped(frame: Entered, reason: DropReason): void {
    this.#countDrops(this.#settle(frame, `dropped (${reason})`), frame.stream, reason, 1);
  }

  /** `count` frames were lost before there was an object for them: received and dropped at once. */
  lost(stream: string, reason: DropReason, count = 1): void {
    const account = this.#account(stream);
    account.received += count;
    this.#happenings.tell({ type: 'frame_received', stream, count });
    this.#countDrops(account, stream, reason, count);
  }

  streams(): string[] {
    return [...this.#accounts.keys()];
  }

  /** All zero for a stream that has not been heard of. */
  counts(stream: string): Counts {
    const account = this.#accounts.get(stream);
    return {
      received: account?.received ?? 0,
      classified: account?.classified ?? 0,
      dropped: { ...account?.dropped },
      inFlight: account?.open.size ?? 0,
    };
  }

  /** Forgets a stream that was taken out of the configuration. */
  forget(stream: string): void {
    this.#accounts.delete(stream);
  }

  #settle(frame: Entered, how: string): Account {
    const account = this.#accounts.get(frame.stream);
    if (!account?.open.delete(frame)) {
      throw new Error(`a frame of stream ${frame.stream} was ${how}, but it was not in flight`);
    }
    return account;
  }

  #countDrops(account: Account, stream: string, reason: DropReason, count: number): void {
    account.dropped[reason] = (account.dropped[reason] ?? 0) + count;
    this.#happenings.tell({ type: 'frame_dropped', stream, reason, count });
  }

  #account(stream: string): Account {
    let account = this.#accounts.get(stream);
    if (!account) {
      account = { received: 0, classified: 0, dropped: {}, open: new Set() };
      this.#accounts.set(stream, account);
    }
    return account;
  }
}

/** Frames of which nothing is known. */
export function droppedTotal({ dropped }: Pick<Counts, 'dropped'>): number {
  return Object.values({ ...dropped, still: 0 }).reduce((sum, count) => sum + count, 0);
}
