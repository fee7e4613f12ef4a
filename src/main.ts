#!/usr/bin/env -S node --single-threaded-gc
// The heap is small and the pictures lie outside of it: helpers of the garbage collector only take the
// cores from decoders and classifier (2.5 of 38 core-ms per 1080p frame).
import { lastWords } from './commands/last-words.ts';
import { edgeCls } from './commands/program.ts';
import { endWithReaders } from './commands/readers.ts';

endWithReaders((code) => process.exit(code));
process.on('uncaughtException', (error) => {
  const { text, exitCode } = lastWords(error);
  // A service has a log for it, and listens itself.
  if (process.listenerCount('uncaughtException') === 1) process.stderr.write(`edge-cls: ${text}\n`);
  process.exit(exitCode);
});

const code = await edgeCls(process.argv.slice(2));
process.stdout.write('', () => process.exit(code));
