const serviceRoot = '^src/daemon/service/run-service\\.ts$';

/** Imports point down only: main → commands → daemon | learning | search → pipeline … → onnx | domain. */
const layer = (from, ...to) => ({
  name: `${from}-imports-down`,
  severity: 'error',
  // The service's composition root hands what learning/ has to those in daemon/ that declare what they need.
  from: { path: `^src/${from}/`, pathNot: serviceRoot },
  to: { path: '^src/', pathNot: `^src/(${[from, ...to, 'domain'].join('|')})/` },
});

const ground = ['pipeline', 'video', 'model', 'engine', 'autodiff', 'output', 'config', 'onnx'];

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-test', severity: 'error', from: { path: '^src' }, to: { path: '^test' } },
    { name: 'not-to-dev-dep', severity: 'error', from: { path: '^src' }, to: { dependencyTypes: ['npm-dev'] } },
    { name: 'main-is-imported-by-none', severity: 'error', from: {}, to: { path: '^src/main' } },
    layer('commands', 'daemon', 'learning', 'search', 'quantize', ...ground),
    layer('daemon', ...ground),
    {
      name: 'service-root-imports-down',
      severity: 'error',
      from: { path: serviceRoot },
      to: { path: '^src/(main|commands|search|autodiff)' },
    },
    layer('learning', ...ground),
    layer('search', ...ground),
    layer('quantize', 'learning', ...ground),
    layer('pipeline', 'onnx'),
    layer('video', 'onnx'),
    layer('model', 'engine', 'onnx'),
    layer('engine', 'onnx'),
    layer('autodiff', 'engine', 'onnx'),
    layer('output', 'onnx'),
    layer('config', 'model', 'onnx'),
    layer('onnx'),
    {
      name: 'domain-imports-nothing',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { path: '^src/(?!domain/)' },
    },
    {
      name: 'rxjs-where-streams-are',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(pipeline|daemon|video/source)' },
      to: { path: 'node_modules/rxjs' },
    },
    {
      name: 'children-where-processes-are',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(video|daemon)/' },
      to: { path: '^(node:)?child_process$|node_modules/execa' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
