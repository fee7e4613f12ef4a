/** `edge-cls adapters`: the fitted front ends of this box, and which of them are in use. */
import { Command } from 'commander';
import { defaults } from '../config/defaults.ts';
import { stateDirectory } from '../config/state-directory.ts';
import { systemClock } from '../domain/clock.ts';
import { UsageError } from '../domain/errors.ts';
import { readAdapter, writeAdapter } from '../model/adapter-file.ts';
import { AdapterStore, type ActivationTarget, type JournalEntry, type StoredAdapter } from '../model/adapter-store.ts';
import { geometryKey } from '../model/geometry.ts';
import { print } from './print.ts';

interface StateOption {
  state?: string;
  json?: true;
}

interface TargetOptions extends StateOption {
  stream?: string;
  geometry?: string;
  reason: string;
}

export function adaptersCommand(): Command {
  const command = new Command('adapters');
  const verb = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('--state <directory>', 'where adapters are kept; by default as for run')
      .option('--json', 'print JSON');
  const stream = ['--stream <name>', 'on this stream alone; by default on all that have none of their own'] as const;
  const reason = ['--reason <text>', 'what the journal says about it', 'by hand'] as const;
  verb('list', 'all adapters, and where they are active').action(list);
  verb('show', 'how an adapter was made').argument('<id>', 'its id, or how that begins').action(show);
  verb('activate', 'use an adapter from now on')
    .argument('<id>', 'its id, or how that begins')
    .option(...stream)
    .option(...reason)
    .action(activate);
  verb('rollback', 'go back to what was active before')
    .option(...stream)
    .option('--geometry <key>', 'as in the list; needed where several geometries have active adapters')
    .option(...reason)
    .action(rollback);
  verb('export', 'copy an adapter into a file').argument('<id>').argument('<file>').action(exportTo);
  verb('import', 'take an adapter from a file; it is not active yet').argument('<file>').action(importFrom);
  return command;
}

function openStore({ state }: StateOption): AdapterStore {
  return new AdapterStore(stateDirectory(state ?? defaults.state_directory), systemClock);
}

async function list(options: StateOption): Promise<void> {
  const store = openStore(options);
  const [all, journal] = [await store.list(), await store.journal()];
  const active = await activeTargets(store, journal);
  const rows = all.map(({ id, adapter }) => ({
    id,
    bundle: adapter.bundleDigest,
    geometry: geometryKey(adapter.geometry),
    active_on: active.filter((place) => place.id === id).map(({ target }) => streamName(target)),
    provenance: adapter.provenance,
  }));
  print(options.json, rows, () =>
    rows.length === 0
      ? ['there are no adapters yet; `edge-cls adapt` makes one']
      : rows.map(({ id, bundle, geometry, active_on: places }) =>
          [id, bundle.slice(0, 19), geometry.padEnd(20), places.length > 0 ? `active on ${places.join(', ')}` : '']
            .join('  ')
            .trimEnd(),
        ),
  );
}

async function show(id: string, options: StateOption): Promise<void> {
  const store = openStore(options);
  const { id: whole, path, adapter } = await store.find(id);
  const { bundleDigest, geometry, provenance } = adapter;
  const entries = (await store.journal()).filter((entry) => entry.adapter === whole);
  print(options.json, { id: whole, path, bundle: bundleDigest, geometry, provenance, journal: entries }, () => [
    `${whole}: ${path}`,
    `bundle      ${bundleDigest}`,
    `geometry    ${geometryKey(geometry)}`,
    ...entries.map(
      ({ time, action, stream, reason }) => `${action.padEnd(11)} ${time} on ${stream ?? 'all streams'}: ${reason}`,
    ),
    'provenance',
    JSON.stringify(provenance, null, 2),
  ]);
}

async function activate(id: string, options: TargetOptions): Promise<void> {
  const store = openStore(options);
  const stored = await store.find(id);
  const target = targetOf(stored, options.stream ?? null);
  await store.activate(target, stored.id, options.reason);
  tell(options, target, stored.id);
}

async function rollback(options: TargetOptions): Promise<void> {
  const store = openStore(options);
  const { stream = null } = options;
  const targets = (await activeTargets(store, await store.journal()))
    .map(({ target }) => target)
    .filter((target) => target.stream === stream && (options.geometry ?? target.geometryKey) === target.geometryKey);
  const [target, second] = targets;
  if (target === undefined) {
    throw new UsageError(
      `there is no active adapter on ${stream === null ? 'all streams' : `the stream ${stream}`}` +
        `${options.geometry === undefined ? '' : ` for ${options.geometry}`}; \`edge-cls adapters list\` shows where some are`,
    );
  }
  if (second !== undefined) {
    throw new UsageError(
      `--geometry must say which one to roll back: ${targets.map((target) => target.geometryKey).join(', ')} have active adapters`,
    );
  }
  const { stored } = await store.rollback(target, options.reason);
  tell(options, target, stored?.id ?? null);
}

async function exportTo(id: string, file: string, options: StateOption): Promise<void> {
  const { id: whole, adapter } = await openStore(options).find(id);
  await writeAdapter(file, adapter);
  print(options.json, { id: whole, file }, () => [`${whole} is in ${file}`]);
}

async function importFrom(file: string, options: StateOption): Promise<void> {
  const { id, path } = await openStore(options).add(await readAdapter(file));
  print(options.json, { id, path }, () => [`${id} is in the store; \`edge-cls adapters activate ${id}\` uses it`]);
}

/** Wherever the journal names something, what is really active there. */
async function activeTargets(
  store: AdapterStore,
  journal: readonly JournalEntry[],
): Promise<readonly { readonly target: ActivationTarget; readonly id: string }[]> {
  const targets = new Map(
    journal.map(({ stream, bundle, geometry }) => [
      JSON.stringify([stream, bundle, geometry]),
      { stream, bundleDigest: bundle, geometryKey: geometry },
    ]),
  );
  const active: { target: ActivationTarget; id: string }[] = [];
  for (const target of targets.values()) {
    const { stored } = await store.activeOn(target);
    if (stored) active.push({ target, id: stored.id });
  }
  return active;
}

function targetOf({ adapter }: StoredAdapter, stream: string | null): ActivationTarget {
  return { stream, bundleDigest: adapter.bundleDigest, geometryKey: geometryKey(adapter.geometry) };
}

function tell(options: StateOption, target: ActivationTarget, id: string | null): void {
  print(options.json, { ...target, adapter: id }, () => [
    `${id ?? 'the closed form'} is active on ${streamName(target)} for ${target.geometryKey}`,
  ]);
}

function streamName({ stream }: ActivationTarget): string {
  return stream ?? 'all streams';
}
