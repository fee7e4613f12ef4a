/**
 * Errors that a user can act on. Everything else that is thrown is a fault of the program
 * and keeps its stack.
 */

/** Process exit codes (78 is `EX_CONFIG` of sysexits.h; above 128: ended by that signal, as in a shell). */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  configuration: 78,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/**
 * One clear sentence that names the thing, what it must be, what it was, and the next step.
 * Shown without a stack; `exitCode` says how the process ends when nothing catches it.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly exitCode: ExitCode;

  constructor(message: string, options: { exitCode?: ExitCode; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCode.failed;
  }
}

/** A wrong command line, or a source on it that is none: exit code 2. */
export class UsageError extends UserError {
  override readonly name = 'UsageError';

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, exitCode: exitCode.usage });
  }
}

/** A wrong configuration, bundle or adapter: exit code 78, which systemd does not restart. */
export class ConfigurationError extends UserError {
  override readonly name = 'ConfigurationError';

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { ...options, exitCode: exitCode.configuration });
  }
}
