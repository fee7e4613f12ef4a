/**
 * What adaptation does, in tables: `npx tsx scripts/adaptation.ts` writes docs/adaptation.md, and
 * docs/adaptation-RESOLUTION.md for each further resolution.
 *
 * --photographs DIR  with test/ and train/, a sub-folder per class in each; ../shared/data/cats-dogs
 * --cache DIR        where done rows are kept; a run that was cut off goes on from there
 * --only REGEX       make rows with such names only (clean/…, paper/…, degraded/…, scenes/…, gate/…, speed/…)
 * --seeds N          3
 * --budget SECONDS  60; more on a busy machine, so that the load does not decide how many steps a fit has
 * --resolutions A,B  of the degraded cameras, whose pages are written; 300x300,720p
 * --quick            few photographs and steps, to see that it runs; writes beside the cache, not to docs/
 */
import { cpus, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { cleanRow, resolutions, type CleanRow } from './adaptation/clean.ts';
import { degradationName, degradations, degradedRow, type DegradedRow } from './adaptation/degraded.ts';
import { degradedPage, mainPage, mainResolution, sceneKey, type Rows } from './adaptation/document.ts';
import type { FitRow } from './adaptation/fit-row.ts';
import { trapRow, traps } from './adaptation/gate.ts';
import { paperRow } from './adaptation/paper.ts';
import { commandRow, rateRow } from './adaptation/speed.ts';
import { damages, likePart, sceneRow, scenes, type SceneRow } from './adaptation/scenes.ts';
import { Workshop, type Sizes } from './adaptation/workshop.ts';

const { values } = parseArgs({
  options: {
    photographs: { type: 'string', default: join(import.meta.dirname, '../../shared/data/cats-dogs') },
    cache: { type: 'string', default: join(homedir(), '.cache/edge-cls/adaptation') },
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '3' },
    budget: { type: 'string', default: '60' },
    resolutions: { type: 'string', default: '300x300,720p' },
    quick: { type: 'boolean', default: false },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const sizes: Sizes = values.quick
  ? { test: 40, unlabelled: 60, labelled: 60, undamaged: 20, budgetSeconds: 5, seeds }
  : { test: 1000, unlabelled: 300, labelled: 200, undamaged: 96, budgetSeconds: Number(values.budget), seeds };
const cache = resolve(values.cache);
await using workshop = await Workshop.open({
  ...{ photographs: resolve(values.photographs), cache, sizes, only: new RegExp(values.only) },
});
const { frozen, name } = await frozenClassifier();

const machine = `${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown processor'}`;
for (const resolution of values.resolutions.split(',')) {
  const rows = await degradedRows(resolution);
  const main = resolution === mainResolution;
  const text = main ? mainPage(await mainRows(rows)) : degradedPage({ sizes, machine, resolution, rows });
  console.log(await writePage(main ? 'adaptation' : `adaptation-${resolution}`, text));
}
if ((await frozenClassifier()).frozen !== frozen) throw new Error(`the file of ${name} has changed`);

async function degradedRows(resolution: string): Promise<Map<string, DegradedRow>> {
  const rows = new Map<string, DegradedRow>();
  for (const corruption of degradations) {
    rows.set(degradationName(corruption), await degradedRow(workshop, resolution, corruption));
  }
  return rows;
}

async function mainRows(degraded: ReadonlyMap<string, DegradedRow>): Promise<Rows> {
  const clean = new Map<string, CleanRow>();
  for (const resolution of resolutions) set(clean, resolution, await cleanRow(workshop, resolution));
  const trapRows = new Map<string, FitRow>();
  for (const trap of Object.keys(traps)) set(trapRows, trap, await trapRow(workshop, trap));
  const sceneRows = new Map<string, SceneRow>();
  const like = new Map<string, readonly number[]>();
  for (const scene of scenes) {
    set(like, scene, await likePart(workshop, scene));
    for (const damage of damages) {
      for (const baseline of [false, true]) {
        const state = damage ? `${damage.name}-${damage.severity}` : 'undamaged';
        set(sceneRows, sceneKey(scene, state, baseline), await sceneRow(workshop, scene, damage, baseline));
      }
    }
  }
  const paper = await paperRow(workshop);
  const rates = await rateRow(workshop);
  const command = await commandRow(workshop);
  return { sizes, machine, clean, paper, degraded, scenes: sceneRows, like, traps: trapRows, rates, command };
}

async function writePage(page: string, text: string): Promise<string> {
  const path = values.quick ? join(cache, `${page}.md`) : join(import.meta.dirname, `../docs/${page}.md`);
  mkdirSync(cache, { recursive: true });
  writeFileSync(path, await format(text, { ...(await resolveConfig(path)), parser: 'markdown' }));
  return path;
}

function set<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value !== undefined) map.set(key, value);
}

/** Loading checks the digest, so this is the file's as it is now. */
async function frozenClassifier(): Promise<{ frozen: string; name: string }> {
  const { loadBundle } = await import('../src/model/bundle.ts');
  const { card } = await loadBundle(workshop.bundle.directory);
  return { frozen: card.model.digest, name: card.name };
}
