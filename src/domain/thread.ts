/** Worker threads of modules in TypeScript, and of what they were built to. */
import { Worker } from 'node:worker_threads';

/**
 * Starts the module `name` that lies beside the one with the address `caller`. Built, all lie in one directory:
 * `scripts/build.mjs` names those that are started.
 */
export function startThread(caller: string, name: string, workerData: unknown): Worker {
  if (!caller.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, caller), { workerData });
  // From source the module is TypeScript, and Node 20 needs the loader that the tests run under.
  const source = JSON.stringify(new URL(`./${name}.ts`, caller).href);
  const script = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); })`;
  return new Worker(script, { workerData, eval: true });
}
