import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeVideo, temporaryDirectory } from '../../support/videos.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const root = join(import.meta.dirname, '../../..');

/** Leaves ever more descriptors to a decoder, and tells how each attempt ended. */
const program = (video: string) => `
import { closeSync, openSync } from 'node:fs';
import { findFfmpeg } from './src/video/ffmpeg/ffmpeg.ts';
import { probe } from './src/video/source/probe.ts';
import { parseSource } from './src/video/source/source-spec.ts';
import { open, readAll } from './test/video/support.ts';
const spec = parseSource(${JSON.stringify(video)});
const ffmpeg = await findFfmpeg();
const info = await probe(spec, ffmpeg);
await open(${JSON.stringify(video)}, { info });
for (let left = 0; left < 24; left++) {
  const taken = [];
  try { for (;;) taken.push(openSync('/dev/null')); } catch {}
  for (const descriptor of taken.splice(0, left)) closeSync(descriptor);
  const [asked, { error, frames }] = await Promise.all([
    probe(spec, ffmpeg).then(() => undefined, (fault) => fault),
    readAll(${JSON.stringify(video)}, { info }),
  ]);
  for (const descriptor of taken) closeSync(descriptor);
  for (const fault of [asked, error]) console.log(left, fault === undefined ? 'well' : fault.constructor.name + ': ' + fault.message, frames.length);
}
`;

test(
  'without file descriptors a source fails with a sentence, and is well when there are some again',
  { timeout: 120_000 },
  () => {
    const video = makeVideo(join(directory.path, 'plain.mp4'), { seconds: 0.3 });
    const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', program(video)];
    const script = 'ulimit -n 100; exec "$@"';
    const lines = execFileSync('sh', ['-c', script, 'sh', ...node], { encoding: 'utf8', cwd: root })
      .trim()
      .split('\n');
    expect(lines).toHaveLength(48);
    const faults = lines.filter((line) => !/^\d+ well \d+$/.test(line));
    expect(faults.length).toBeGreaterThan(10);
    for (const line of faults)
      expect(line).toMatch(/^\d+ (?:UserError|SourceError): .*(?:no file descriptors left|EMFILE)/);
    expect(lines.at(-1)).toMatch(/^23 well 3$/);
  },
);
