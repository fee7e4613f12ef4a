/**
 * How much of a scene is to be looked at: `npm run docs:views` writes docs/views.md.
 *
 * Photographs of ../shared/data/cats-dogs/test as they are, and pasted into a street of 1280x720, large (720 lines)
 * and small (360 lines), at the left edge, in the middle and at the right edge. Each picture is brought to the
 * classifier's input in several ways; its answer is the animal whose labels have more probability.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { probabilities } from '../src/domain/decision-rule.ts';
import { onnxruntimeEngine } from '../src/engine/onnxruntime/engine.ts';
import { loadBundle } from '../src/model/bundle.ts';
import type { Card } from '../src/model/card.ts';
import { ClassifierSession } from '../src/model/classifier-session.ts';
import { findFfmpeg } from '../src/video/ffmpeg/ffmpeg.ts';

const perAnimal = Math.round(Number(process.argv[2] ?? 100) / 2);
const shared = join(import.meta.dirname, '../../shared/data');
const animals = ['cats', 'dogs'] as const;
const files = animals.flatMap((animal) =>
  readdirSync(join(shared, 'cats-dogs/test', animal))
    .sort()
    .slice(0, perAnimal)
    .map((name) => join(shared, 'cats-dogs/test', animal, name)),
);
const ways = ['whole, stretched', 'whole, padded', 'centre', 'tiles, maximum', 'tiles, mean'] as const;
/** Label numbers of ImageNet: 281–285 are domestic cats, 151–268 breeds of dogs. */
const groups: Readonly<Record<string, (label: number) => number>> = {
  'efficientnet-lite0-imagenet': (label) => (label >= 281 && label <= 285 ? 0 : label >= 151 && label <= 268 ? 1 : -1),
  'inception-v3-cats-dogs': (label) => label,
};

const ffmpeg = await findFfmpeg();
await using engine = await onnxruntimeEngine({ device: 'cpu' });
const folder = mkdtempSync(join(tmpdir(), 'edge-cls-views-'));
const pasted = join(folder, 'pasted.mkv');
const encoded = ['-fps_mode', 'passthrough', '-c:v', 'ffv1', '-slices', '16'];
const list = join(folder, 'list.txt');
writeFileSync(list, files.map((file) => `file '${file}'\n`).join(''));
const photographs = ['-f', 'concat', '-safe', '0', '-i', list];
ffmpegRun([
  ...photographs,
  ...['-vf', 'scale=720:720:force_original_aspect_ratio=increase:flags=bicubic,crop=720:720,setsar=1,format=gbrp'],
  ...[...encoded, pasted],
]);
const street = join(shared, 'videos/car-detection.mp4');
const background = join(folder, 'street.png');
ffmpegRun(['-ss', '1', '-i', street, '-frames:v', '1', '-vf', 'scale=1280:720,setsar=1', background]);

const tables: string[] = [];
for (const [name, groupOf] of Object.entries(groups)) {
  const { card, modelPath } = await loadBundle(name);
  const { input, output } = card;
  const model = { modelPath, inputName: input.name, outputName: output.name, input };
  await using session = await ClassifierSession.load(engine, model);
  const rows = [row('photographs', await measured(card, session, groupOf))];
  for (const side of [720, 360]) {
    for (const [place, x] of [
      ['left', 0],
      ['middle', (1280 - side) / 2],
      ['right', 1280 - side],
    ] as const) {
      rows.push(
        row(`${side === 720 ? 'large' : 'small'}, ${place}`, await measured(card, session, groupOf, { side, x })),
      );
    }
  }
  tables.push(`## ${name}\n\n| subject | ${ways.join(' | ')} |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`);
}
rmSync(folder, { recursive: true });
const text = `# What of a picture is looked at

Made by \`npm run docs:views\`: ${perAnimal} + ${perAnimal} photographs a cell, the share whose animal (cat or dog) has more
probability than the other, and in brackets the mean probability of the right animal. "photographs": as they are. The
rest: a square of them in a street of 1280×720, large (720 lines) or small (360 lines). Padded: with grey, to the
proportions of the classifier's input. Centre: as photographs were cropped in training, all of it where the bundle
stretches. Tiles: two overlapping squares, joined for each animal by the maximum or the mean; they cost twice as much.

Tiles are the default for videos and cameras, joined by the maximum: of all ways they see most on average over the six
scenes, with both classifiers. What stays in the middle of the picture \`--view centre\` sees better with
\`efficientnet-lite0-imagenet\`, which was trained so, and for half the work; a region that is named is better than either.

${tables.join('\n')}`;
writeFileSync(
  join(import.meta.dirname, '../docs/views.md'),
  await format(text, { parser: 'markdown', printWidth: 120 }),
);

interface Score {
  right: number;
  probability: number;
}

async function measured(
  card: Card,
  session: ClassifierSession,
  groupOf: (label: number) => number,
  scene?: { readonly side: number; readonly x: number },
): Promise<Score[]> {
  const scores = ways.map(() => ({ right: 0, probability: 0 }));
  const sights = seen(card, scene);
  if (sights.count !== files.length) throw new Error(`${sights.count} of ${files.length} pictures came`);
  for (let index = 0; index < sights.count; index++) {
    const { logits } = await session.classify(sights.images(index));
    const [stretched, padded, centre, left, right] = logits.map((values) => {
      const sums = [0, 0];
      probabilities(values, card.output).forEach((p, label) => {
        const animal = groupOf(label);
        if (animal >= 0) sums[animal] = (sums[animal] ?? 0) + p;
      });
      return sums;
    }) as [number[], number[], number[], number[], number[]];
    const joined = (join: (a: number, b: number) => number) => [0, 1].map((i) => join(left[i] ?? 0, right[i] ?? 0));
    const answers = [stretched, padded, centre, joined(Math.max), joined((a, b) => (a + b) / 2)];
    const truth = index < perAnimal ? 0 : 1;
    answers.forEach((answer, way) => {
      const score = scores[way];
      if (!score) return;
      if ((answer[truth] ?? 0) > (answer[1 - truth] ?? 0)) score.right++;
      score.probability += answer[truth] ?? 0;
    });
  }
  return scores;
}

/** For each picture: stretched, padded, the centre, and the two tiles, as the classifier takes them. */
function seen({ input, resize }: Card, scene: { readonly side: number; readonly x: number } | undefined) {
  const { width, height } = input;
  const share = resize.fit === 'crop' ? (resize.fraction ?? 1) : 1;
  const scale = `scale=${width}:${height}:flags=${resize.kernel === 'bicubic' ? 'bicubic' : 'area'},setsar=1,format=gbrp`;
  const square = "crop='min(iw,ih)':'min(iw,ih)'";
  const centre = resize.fit === 'crop' ? `crop='min(iw,ih)*${share}':'min(iw,ih)*${share}',` : '';
  const views = [
    `[a]${scale}[as]`,
    `[b]pad='max(iw,ih)':'max(iw,ih)':(ow-iw)/2:(oh-ih)/2:gray,${scale}[bs]`,
    `[c]${centre}${scale}[cs]`,
    `[d]${square}:0:0,${scale}[ds]`,
    `[e]${square}:iw-ow:ih-oh,${scale}[es]`,
    '[as][bs][cs][ds][es]vstack=5',
  ];
  const split = 'split=5[a][b][c][d][e]';
  const filters = scene
    ? [
        '-filter_complex',
        `[0:v]scale=${scene.side}:${scene.side}:flags=area[s];[1:v]format=gbrp[t];` +
          `[t][s]overlay=${scene.x}:${(720 - scene.side) / 2}:format=gbrp:shortest=1,setsar=1,${split};${views.join(';')}`,
      ]
    : ['-vf', `format=gbrp,${split};${views.join(';')}`];
  const inputs = scene ? ['-i', pasted, '-loop', '1', '-i', background] : photographs;
  const bytes = ffmpegRun([
    ...inputs,
    ...filters,
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gbrp', '-'],
  ]);
  const area = width * height;
  const frame = 3 * 5 * area;
  const images = (i: number) =>
    [0, 1, 2, 3, 4].map((view) => {
      const image = new Float32Array(3 * area);
      // Planes lie in the order G, B, R.
      [2, 0, 1].forEach((plane, channel) => {
        const start = i * frame + plane * 5 * area + view * area;
        for (let at = 0; at < area; at++) image[channel * area + at] = (bytes[start + at] ?? 0) / 255;
      });
      return image;
    });
  return { count: bytes.length / frame, images };
}

function row(name: string, scores: readonly Score[]): string {
  const cells = scores.map(
    ({ right, probability }) =>
      `${((100 * right) / files.length).toFixed(0)} % (${(probability / files.length).toFixed(2)})`,
  );
  const line = `| ${name} | ${cells.join(' | ')} |`;
  console.log(line);
  return line;
}

function ffmpegRun(args: readonly string[]): Buffer {
  return execFileSync(ffmpeg.path, ['-v', 'error', '-y', ...args], {
    maxBuffer: 2 ** 31,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
