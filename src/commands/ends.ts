/** Ends that no verb asks for: nobody reads what is printed any more, or something broke where nobody waited for it. */
import { exitCode, type ExitCode } from '../domain/errors.ts';
import { lastWords } from './last-words.ts';
import { askToStop } from './signals.ts';

const graceMs = 5000;
let outliving = false;

/** A service goes on when nobody reads its standard output any more. */
export function outlivesItsReaders(): void {
  outliving = true;
}

/** The first end decides the exit code; the verb has a little time to close what it has opened. */
export function watchForEnds(exit: (code: ExitCode) => void): void {
  const end = (code: ExitCode, sentence?: string) => {
    if (process.exitCode !== undefined) return;
    process.exitCode = code;
    if (sentence !== undefined) process.stderr.write(`edge-cls: ${sentence}\n`);
    askToStop('shutdown');
    setTimeout(() => exit(code), graceMs).unref();
  };
  // A reader that went away (`edge-cls … | head`) is no fault.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (outliving) return;
    if (code === 'EPIPE') end(exitCode.done);
    else end(exitCode.failed, `standard output must take what is printed, but cannot (${code})`);
  });
  // Messages that nobody reads are no reason to end.
  process.stderr.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    const { text, exitCode: code } = lastWords(error);
    // A service has a log for it, and listens itself.
    end(code, process.listenerCount('uncaughtException') === 1 ? text : undefined);
  });
}

/** Resolves when what was printed is out. A service has waited for its events, as long as it may. */
export function readersHaveAll(): Promise<void> {
  if (outliving) return Promise.resolve();
  return new Promise((resolve) => process.stdout.write('', () => resolve()));
}
