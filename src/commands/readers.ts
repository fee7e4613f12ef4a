/** Those who read what the program prints: a terminal, a pipe, a log. They may go before it ends. */
import type { ExitCode } from '../domain/errors.ts';
import { exitCode } from '../domain/errors.ts';

let outliving = false;

/** A service goes on when nobody reads its standard output any more. */
export function outlivesItsReaders(): void {
  outliving = true;
}

/** A reader that went away (`edge-cls … | head`) is no fault, but there is nothing left to do then. */
export function endWithReaders(end: (code: ExitCode) => void): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (outliving) return;
    if (code !== 'EPIPE')
      process.stderr.write(`edge-cls: standard output must take the results, but cannot (${code})\n`);
    end(code === 'EPIPE' ? exitCode.done : exitCode.failed);
  });
  // Messages that nobody reads are no reason to end.
  process.stderr.on('error', () => undefined);
}
