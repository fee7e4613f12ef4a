#!/usr/bin/env node
import { edgeCls } from './commands/program.ts';

// A reader that went away (`edge-cls … | head`) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const code = await edgeCls(process.argv.slice(2));
process.stdout.write('', () => process.exit(code));
