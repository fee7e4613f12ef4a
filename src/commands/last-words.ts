/** What is said of an error that ends the program, and the exit code that goes with it. */
import { inspect } from 'node:util';
import { exitCode, UserError, type ExitCode } from '../domain/errors.ts';
import { redact } from '../domain/redact.ts';
import { stopBehind, type Stopped } from '../domain/stop.ts';
import { plainLines } from '../output/terminal-text.ts';

export interface LastWords {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** A user's error and a signal are a sentence, below it what caused it; a fault of the program keeps its stacks. */
export function lastWords(error: unknown): LastWords {
  const [first, ...more] = parts(error);
  const { text, exitCode: code } = wordsOf(first);
  return { text: [text, ...more.map((other) => wordsOf(other).text)].join('\n'), exitCode: code };
}

/** An error while another one was on its way (`using`) comes after it. */
function parts(error: unknown): unknown[] {
  if (error instanceof AggregateError) return error.errors.flatMap(parts);
  if (error instanceof Error && 'suppressed' in error && 'error' in error) {
    return [...parts(error.suppressed), ...parts(error.error)];
  }
  return [error];
}

function wordsOf(error: unknown): LastWords {
  const stop = signalBehind(error);
  if (stop !== undefined) return { text: shown(stop.message), exitCode: stop.exitCode };
  if (error instanceof UserError) return { text: shown(sentences(error).join('\n')), exitCode: error.exitCode };
  return {
    text: shown(`this is a fault of edge-cls, please report it: ${inspect(error, { depth: 4 })}`),
    exitCode: exitCode.failed,
  };
}

/** Neither a secret nor a control character of whoever wrote a card, an address or a file. */
function shown(text: string): string {
  return plainLines(redact(text));
}

/** The stop that the error comes from, where a user or a service manager asked for it. */
export function signalBehind(error: unknown): Stopped | undefined {
  const stop = stopBehind(error);
  return stop?.reason === 'SIGINT' || stop?.reason === 'SIGTERM' ? stop : undefined;
}

/** The error's own, and a line for each cause that it does not repeat. */
function sentences(error: UserError): string[] {
  const lines = [error.message];
  for (let { cause } = error as Error; cause instanceof Error; cause = cause.cause) {
    const line = cause.message.split('\n')[0] ?? '';
    if (line !== '' && !lines.some((before) => before.includes(line))) lines.push(`  because: ${line}`);
    if (lines.length > 10) break;
  }
  return lines;
}
