/**
 * The paper from beginning to end on ../shared/data/cats-dogs: `npm run reproduce [-- --quick] [-- --work DIR]`
 * writes docs/reproduction.md and its plots; `--quick` takes few photographs and writes into the work directory.
 *
 * Killed and started again it goes on where it was: features, epochs and trials are on disk in the work directory.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheDirectory } from '../src/config/cache-directory.ts';
import { onnxruntimeEngine } from '../src/engine/onnxruntime/engine.ts';
import { writePlot } from '../src/output/report/plot.ts';
import { loadBundle } from '../src/model/bundle.ts';
import { findFfmpeg } from '../src/video/ffmpeg/ffmpeg.ts';
import { curveCharts } from './reproduce/curves.ts';
import { frontEnds } from './reproduce/front-ends.ts';
import { layerTable } from './reproduce/layers.ts';
import { reproductionPage } from './reproduce/page.ts';
import { headSearches } from './reproduce/searches.ts';
import type { Setting } from './reproduce/setting.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, work: { type: 'string' } } });
const data = resolve(import.meta.dirname, '../../shared/data/cats-dogs');
if (!existsSync(data)) throw new Error(`the photographs must lie in ${data}, they do not`);
const work = resolve(values.work ?? join(cacheDirectory(), values.quick ? 'reproduce-quick' : 'reproduce'));
const pages = values.quick ? work : resolve(import.meta.dirname, '../docs');
await mkdir(work, { recursive: true });

await using engine = await onnxruntimeEngine({ device: 'cpu' });
const setting: Setting = {
  ...{ data, work, engine, ffmpeg: await findFfmpeg(), bundle: await loadBundle('inception-v3-cats-dogs') },
  quick: values.quick,
  fitFrames: values.quick ? 48 : 200,
  testFrames: values.quick ? 40 : 600,
  photographsPerClass: values.quick ? 60 : 1000,
  epochs: values.quick ? 2 : 5,
  seed: 1,
  say: (text) => console.error(text),
};
const searches = await headSearches(setting);
const ends = await frontEnds(setting);
await writePlot(join(pages, 'reproduction-search.svg'), curveCharts(searches.exhaustive.trials));
await writePlot(join(pages, 'reproduction-front-end.svg'), curveCharts(ends.paper.trials));
const machine = `${cpus()[0]?.model.trim() ?? 'a CPU'}, ${engine.report.threads} threads`;
const path = join(pages, 'reproduction.md');
await writeFile(path, reproductionPage({ setting, searches, ends, layers: layerTable(setting.bundle), machine }));
console.log(path);
