#!/usr/bin/env -S node --single-threaded-gc
// The heap is small and the pictures lie outside of it: helpers of the garbage collector only take the
// cores from decoders and classifier (2.5 of 38 core-ms per 1080p frame).
import { edgeCls } from './commands/program.ts';

// A reader that went away (`edge-cls … | head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const code = await edgeCls(process.argv.slice(2));
process.stdout.write('', () => process.exit(code));
