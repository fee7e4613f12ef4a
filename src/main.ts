#!/usr/bin/env -S node --single-threaded-gc
// The heap is small and the pictures lie outside of it: helpers of the garbage collector only take the
// cores from decoders and classifier (2.5 of 38 core-ms per 1080p frame).
import './commands/hang-up.ts';
import { readersHaveAll, watchForEnds } from './commands/ends.ts';
import { edgeCls } from './commands/program.ts';
import { closeAll } from './domain/before-exit.ts';

watchForEnds((code) => process.exit(code));
const code = await edgeCls(process.argv.slice(2));
process.exitCode ??= code;
await closeAll();
await readersHaveAll();
process.exit();
