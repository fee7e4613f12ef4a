/**
 * Accuracy of inception-v3-cats-dogs over ../shared/data/cats-dogs/test through the whole pipeline:
 * `npx tsx scripts/accuracy.ts [RESOLUTION…]` writes docs/accuracy.md.
 *
 * "photographs": the folder as it is. A resolution: the photographs stretched to it and stored in
 * a lossless codec (FFV1), which is then read as any video is.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConfig } from '../src/config/load.ts';
import { run } from '../src/daemon/run.ts';
import { systemClock } from '../src/domain/clock.ts';
import { ffmpegSources } from '../src/daemon/stream/sources.ts';
import { handlers, Happenings } from '../src/domain/happenings.ts';
import { Ledger } from '../src/pipeline/ledger.ts';
import { onnxruntimeEngine } from '../src/engine/onnxruntime/engine.ts';
import { loadBundle } from '../src/model/bundle.ts';
import { parseResolution } from '../src/model/resolution.ts';
import { findFfmpeg } from '../src/video/ffmpeg/ffmpeg.ts';

const bundle = 'inception-v3-cats-dogs';
const root = join(import.meta.dirname, '../../shared/data/cats-dogs/test');
const resolutions = process.argv.length > 2 ? process.argv.slice(2) : ['300x300', '480p', '720p', '1080p', '4k'];
const modes = ['staged', 'native'] as const;

const files = ['cats', 'dogs'].flatMap((label) =>
  readdirSync(join(root, label))
    .sort()
    .map((name) => join(root, label, name)),
);
const { card } = await loadBundle(bundle);
const ffmpeg = await findFfmpeg();
await using engine = await onnxruntimeEngine({ device: 'cpu' });
const folder = mkdtempSync(join(tmpdir(), 'edge-cls-accuracy-'));
const rows: string[] = [];

for (const resolution of ['photographs', ...resolutions]) {
  const source = resolution === 'photographs' ? root : stretched(resolution);
  for (const geometry of modes) {
    const startedAt = performance.now();
    const { correct, total } = await accuracy(source, geometry);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    const percent = (100 * correct) / total;
    const difference = percent - 100 * (card.accuracy[0]?.value ?? NaN);
    const row = `| ${resolution} | ${geometry} | ${total} | ${percent.toFixed(2)} % | ${difference >= 0 ? '+' : ''}${difference.toFixed(2)} | ${seconds} |`;
    console.log(row);
    rows.push(row);
  }
  if (source !== root) rmSync(source);
}
rmSync(folder, { recursive: true });

writeFileSync(
  join(import.meta.dirname, '../docs/accuracy.md'),
  `# Accuracy through the whole pipeline

How much of a scene is looked at, and what that changes, is in [views.md](views.md).

Made by \`npx tsx scripts/accuracy.ts\`. \`${bundle}\` (its card says ${(100 * (card.accuracy[0]?.value ?? NaN)).toFixed(2)} % for photographs area-resized to
150×150) over 500 + 500 test photographs: ffmpeg → grid → front end in closed form → classifier, on
${engine.report.device} (${engine.report.name}). "photographs" is the folder of JPEG files as it is; a resolution is the same
photographs stretched to it (ffmpeg, bicubic) and stored losslessly (FFV1, 4:4:4). \`staged\` is the default on a CPU,
\`native\` on a GPU.

| input | geometry | images | accuracy | points from the card | seconds |
|---|---|---|---|---|---|
${rows.join('\n')}
`,
);

/** One lossless video with a frame per photograph, in the order of \`files\`. */
function stretched(resolution: string): string {
  const { width, height } = parseResolution(resolution);
  const list = join(folder, 'list.txt');
  const video = join(folder, `${resolution}.mkv`);
  writeFileSync(list, files.map((file) => `file '${file}'\n`).join(''));
  const scale = `scale=${width}:${height}:flags=bicubic+accurate_rnd+full_chroma_int,setsar=1,format=gbrp`;
  execFileSync(ffmpeg.path, [
    ...['-v', 'error', '-y', '-f', 'concat', '-safe', '0', '-i', list, '-vf', scale],
    ...['-fps_mode', 'passthrough', '-c:v', 'ffv1', '-level', '3', '-slices', '16', video],
  ]);
  return video;
}

async function accuracy(source: string, geometry: (typeof modes)[number]): Promise<{ correct: number; total: number }> {
  const config = resolveConfig({
    overrides: {
      // A photograph fills its frame: it is seen as in training.
      streams: [
        { name: 'accuracy', source, bundle, geometry, view: 'centre', smoothing: { time_constant_seconds: 0 } },
      ],
    },
  });
  let correct = 0;
  let total = 0;
  const happenings = new Happenings();
  happenings.subscribe(
    handlers({
      prediction: ({ prediction: { sequence, source: file = files[sequence] ?? '', probabilities } }) => {
        total++;
        const answer = (probabilities[1] ?? 0) >= 0.5 ? 'dogs' : 'cats';
        if (file.includes(`/${answer}/`)) correct++;
      },
    }),
  );
  const { failures } = await run({
    config,
    engine,
    sources: ffmpegSources(ffmpeg),
    clock: systemClock,
    ledger: new Ledger(happenings),
    happenings,
    signal: new AbortController().signal,
  });
  if (failures.length > 0) throw failures[0];
  if (total !== files.length) throw new Error(`${total} of ${files.length} photographs were classified`);
  return { correct, total };
}
