// Bundles src/ into dist/, ready to be packed: a start then opens a few files, not a thousand.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** zod speaks fifty languages, 370 kB; errors here are English. */
const withoutLocales = {
  name: 'without-locales',
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: 'export {};' }));
  },
};

rmSync('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: {
    main: 'src/main.ts',
    worker: 'src/engine/onnxruntime/worker.ts',
    'observation-thread': 'src/learning/statistics/observation-thread.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: 'warning',
  // They hold native code, or look for files beside themselves.
  external: ['onnxruntime-node', '@resvg/resvg-js', 'ffmpeg-static'],
  // Node itself would load them as CommonJS, whole.
  alias: {
    rxjs: resolve('node_modules/rxjs/dist/esm/index.js'),
    'ml-matrix': resolve('node_modules/ml-matrix/src/index.js'),
  },
  plugins: [withoutLocales],
  // What was written for CommonJS asks for Node's own modules by it.
  banner: {
    js: "import { createRequire as toRequire } from 'node:module';\nconst require = toRequire(import.meta.url);",
  },
});
await chmod('dist/main.js', 0o755);
writeFileSync('dist/licences.txt', licences(Object.keys(metafile.inputs)));
execFileSync(process.execPath, ['--import', 'tsx', 'scripts/man-page.ts', 'dist/man/edge-cls.1']);

/** The licences of all packages whose code is in the bundle. */
function licences(files) {
  const packages = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(packages)].filter(Boolean).sort().map(licence).join('\n\n');
}

function licence(directory) {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n\n${readFileSync(join(directory, file), 'utf8').trim()}`;
  return `${name} ${version} (${license})${text}`;
}
