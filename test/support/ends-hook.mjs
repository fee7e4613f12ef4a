// Preloaded into the program under test. SIGUSR2 is a fault in it that nobody catches. The first file whose name
// `EDGE_CLS_TEST_HOLD` matches is never read: the program is at work for as long as a test wants.
import { writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const { EDGE_CLS_TEST_HOLD: pattern, EDGE_CLS_TEST_HELD: mark = '' } = process.env;

if (isMainThread) {
  process.on('SIGUSR2', () => {
    void Promise.reject(new TypeError('broken at rtsp://admin:hunter2@camera/1'));
  });
  if (pattern !== undefined) {
    for (const name of ['open', 'readFile', 'readdir']) {
      const original = files[name];
      files[name] = (path, ...more) => {
        if (!new RegExp(pattern).test(String(path))) return original(path, ...more);
        writeFileSync(mark, '');
        setInterval(() => undefined, 1000);
        return new Promise(() => undefined);
      };
    }
    syncBuiltinESMExports();
  }
}
