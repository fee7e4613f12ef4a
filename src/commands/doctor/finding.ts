/** What a check of the box came to. */
import { UserError } from '../../domain/errors.ts';

/** `note`: it works, but there is something to know. `failed`: something needed is missing or broken. */
export type Verdict = 'ok' | 'note' | 'failed';

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** One sentence, with the remedy where there is something to mend. */
  readonly says: string;
}

/** Runs a check; a user's error is its finding, a fault of the program stays one. */
export async function finding(check: string, run: () => Promise<Omit<Finding, 'check'>>): Promise<Finding> {
  try {
    return { check, ...(await run()) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { check, verdict: 'failed', says: error.message };
  }
}
