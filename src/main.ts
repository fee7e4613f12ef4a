#!/usr/bin/env -S node --single-threaded-gc
// The heap is small and the pictures lie outside of it: helpers of the garbage collector only take the
// cores from decoders and classifier (2.5 of 38 core-ms per 1080p frame).
import './commands/hang-up.ts';

// What is imported by name is loaded before anything is run, and a signal does not wait for that.
const { readersHaveAll, watchForEnds } = await import('./commands/ends.ts');
const { edgeCls } = await import('./commands/program.ts');
const { closeAll } = await import('./domain/before-exit.ts');

watchForEnds((code) => process.exit(code));
const code = await edgeCls(process.argv.slice(2));
process.exitCode ??= code;
await closeAll();
await readersHaveAll();
process.exit();
