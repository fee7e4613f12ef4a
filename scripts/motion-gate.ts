/** What the motion gate leaves out, and what that changes: `npm run docs:motion-gate` writes docs/motion-gate.md. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { format } from 'prettier';

const root = join(import.meta.dirname, '..');
const main = join(root, 'dist/main.js');
const videos = [
  ['../shared/data/videos/bottle-detection.mp4', 'a shelf, a hand that takes bottles'],
  ['../shared/data/videos/car-detection.mp4', 'a street from above, cars'],
  ['samples/demo.mp4', 'photographs that move, and pauses between'],
] as const;
const folder = mkdtempSync(join(tmpdir(), 'edge-cls-motion-'));

interface StateEvent {
  readonly kind: string;
  readonly label: string;
  readonly presentation_seconds: number;
}

interface Run {
  readonly received: number;
  readonly still: number;
  readonly events: readonly StateEvent[];
}

const rows = videos.map(([path, scene]) => {
  const [all, gated] = [run(path), run(path, '--motion-gate')];
  const rest = [...gated.events];
  const shifts = all.events.flatMap(({ kind, label, presentation_seconds: seconds }) => {
    const place = rest.findIndex((event) => event.kind === kind && event.label === label);
    const [same] = place < 0 ? [] : rest.splice(place, 1);
    return same ? [Math.abs(same.presentation_seconds - seconds)] : [];
  });
  const share = Math.round((100 * gated.still) / gated.received);
  const largest = shifts.length === 0 ? '–' : Math.max(...shifts).toFixed(2);
  const missed = all.events.length - shifts.length;
  const row = `| ${basename(path)} | ${scene} | ${gated.received} | ${share} % | ${all.events.length} | ${missed} | ${rest.length} | ${largest} |`;
  console.log(row);
  return row;
});
rmSync(folder, { recursive: true });
const text = `# What the motion gate leaves out

Made by \`npm run docs:motion-gate\`, with the default classifier and thresholds, all labels. Still: frames that show what the
last classified one does, and are not classified. Missed: events that a run without the gate has and one with it has not; new: the
other way round. Shift: how much later or earlier the same event comes, at most.

| video | scene | frames | still | events | missed | new | shift, s |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
writeFileSync(join(root, 'docs/motion-gate.md'), await format(text, { parser: 'markdown', printWidth: 120 }));

function run(path: string, ...options: string[]): Run {
  const events = join(folder, 'events.jsonl');
  rmSync(events, { force: true });
  const args = [main, 'run', join(root, path), '--json', '--events', events, '--quiet', ...options];
  const { streams } = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
    streams: [{ frames: { received: number; dropped: { still?: number } } }];
  };
  const { received, dropped } = streams[0].frames;
  const lines = readFileSync(events, 'utf8').split('\n').filter(Boolean);
  return { received, still: dropped.still ?? 0, events: lines.map((line) => JSON.parse(line) as StateEvent) };
}
