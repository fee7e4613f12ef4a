/** Why a source gives no frames: one sentence, and a reason that a metric can carry. */
import { exitCode, UserError } from '../../domain/errors.ts';
import { redact } from '../../domain/redact.ts';

/** Values of a metric's label. */
export type SourceFailure =
  'dns' | 'refused' | 'timeout' | 'auth' | 'tls' | 'not_found' | 'codec' | 'busy' | 'eof' | 'hardware' | 'other';

/** The source that was named is not one: another has to be named. The rest may pass by itself. */
const wrongSource: ReadonlySet<SourceFailure> = new Set(['dns', 'refused', 'auth', 'tls', 'not_found', 'codec']);

export class SourceError extends UserError {
  override readonly name = 'SourceError';
  readonly reason: SourceFailure;

  constructor(message: string, reason: SourceFailure, options: { cause?: unknown } = {}) {
    super(redact(message), { ...options, exitCode: wrongSource.has(reason) ? exitCode.usage : exitCode.failed });
    this.reason = reason;
  }
}
