/** Installs the package at the first argument for the Node.js at the second, on this machine. */
import { install } from '../../src/daemon/install/install.ts';

const [packageDirectory = '', node = ''] = process.argv.slice(2);
await install({ root: '/', dryRun: false, packageDirectory, node, print: (line) => console.log(line) });
