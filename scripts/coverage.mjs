// Prints how much of each folder of src/ the tests ran in their own process, after `npm test -- --coverage`, and
// fails where it is less than the floor. What only children run (dist/main.js) does not count.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Per cent of the lines: somewhat below what was measured. A folder that is not named has none. */
const floors = {
  autodiff: 93,
  commands: 50,
  config: 93,
  daemon: 70,
  domain: 93,
  engine: 58,
  learning: 90,
  model: 93,
  onnx: 75,
  output: 92,
  pipeline: 93,
  search: 93,
  video: 90,
};

const { total: _, ...files } = JSON.parse(readFileSync('coverage/coverage-summary.json', 'utf8'));
const folders = new Map();
for (const [path, { lines }] of Object.entries(files)) {
  const parts = relative('src', path).split('/');
  const folder = parts.length > 1 ? parts[0] : '(main)';
  const sum = folders.get(folder) ?? { covered: 0, total: 0 };
  folders.set(folder, { covered: sum.covered + lines.covered, total: sum.total + lines.total });
}

let low = false;
console.log('folder      lines  covered  floor');
for (const [folder, { covered, total }] of [...folders].sort(([a], [b]) => a.localeCompare(b))) {
  const percent = total === 0 ? 100 : (100 * covered) / total;
  const floor = floors[folder] ?? 0;
  const word = percent < floor ? '  below its floor' : '';
  if (word !== '') low = true;
  console.log(
    `${folder.padEnd(10)}${String(total).padStart(7)}${percent.toFixed(1).padStart(7)} %${String(floor).padStart(5)} %${word}`,
  );
}
for (const folder of Object.keys(floors).filter((name) => !folders.has(name))) {
  console.log(`src/${folder} has a floor, but is not there: take it out of scripts/coverage.mjs`);
  low = true;
}
process.exit(low ? 1 : 0);
