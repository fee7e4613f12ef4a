/** The adapters of a box: kept by content, active by a journal, so that none is ever lost or half there. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../domain/atomic-write.ts';
import type { Clock } from '../domain/clock.ts';
import { ConfigurationError, UserError } from '../domain/errors.ts';
import {
  activations,
  appendEntry,
  entriesOf,
  readEntries,
  type ActivationTarget,
  type JournalEntry,
} from './activation-journal.ts';
import { encodeAdapter, readAdapter, type Adapter } from './adapter-file.ts';
import { geometryKey } from './geometry.ts';

export type { ActivationTarget, JournalEntry } from './activation-journal.ts';

/** An adapter in the store. */
export interface StoredAdapter {
  /** The first 16 hex digits of the file's sha256. */
  readonly id: string;
  readonly path: string;
  readonly adapter: Adapter;
}

export interface ActiveAdapter {
  /** Undefined: the closed form is to be used. */
  readonly stored: StoredAdapter | undefined;
  /** Somebody made this active; otherwise nothing was ever said, or nothing of it can be used. */
  readonly decided: boolean;
  /** Adapters that should have come first but cannot be used, and why. */
  readonly damaged: readonly { readonly id: string; readonly reason: string }[];
}

const idDigits = 16;

/**
 * `adapters/<bundle>/<geometry>/<id>.safetensors` and `journal.jsonl` in the state directory.
 *
 * An adapter is written whole before a line of the journal names it, and never changes; so
 * a crash at any moment leaves the one active that was, or the new one. Several processes may use
 * the store at the same time.
 */
export class AdapterStore {
  readonly #directory: string;
  readonly #clock: Pick<Clock, 'date'>;

  constructor(directory: string, clock: Pick<Clock, 'date'>) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /** Keeps an adapter without making it active. The same one twice is one file. */
  async add(adapter: Adapter): Promise<StoredAdapter> {
    const bytes = encodeAdapter(adapter);
    const id = idOf(bytes);
    const folder = this.#folder(adapter.bundleDigest, geometryKey(adapter.geometry));
    await mkdir(folder, { recursive: true });
    const path = join(folder, fileName(id));
    await writeFileAtomic(path, bytes);
    return { id, path, adapter };
  }

  /** All adapters that can be used, by bundle, geometry and id. */
  async list(): Promise<readonly StoredAdapter[]> {
    const root = join(this.#directory, 'adapters');
    const names = existsSync(root) ? await readdir(root, { recursive: true }) : [];
    const all: StoredAdapter[] = [];
    for (const name of names.filter((file) => file.endsWith('.safetensors')).toSorted()) {
      const stored = await readStored(join(root, name)).catch(() => undefined);
      if (stored) all.push(stored);
    }
    return all;
  }

  /** Throws a UserError where no adapter, or more than one, has an id that begins so. */
  async find(idPrefix: string): Promise<StoredAdapter> {
    const all = await this.list();
    const [first, second] = all.filter(({ id }) => id.startsWith(idPrefix.toLowerCase()));
    if (first !== undefined && second === undefined) return first;
    throw new UserError(
      first === undefined
        ? `there is no adapter ${idPrefix} in ${this.#directory}; \`edge-cls adapters list\` shows those that are there`
        : `the id ${idPrefix} must mean one adapter, but ${first.id} and ${second?.id ?? ''} begin so; give more of it`,
    );
  }

  /**
   * What the stream's front end is to run with: what was made active for it, else for all streams.
   * Where a file is damaged or gone, the one that was active before it (the last good one).
   */
  async active(target: ActivationTarget): Promise<ActiveAdapter> {
    const ofStream = await this.activeOn(target);
    if (ofStream.stored !== undefined || ofStream.decided || target.stream === null) return ofStream;
    const common = await this.activeOn({ ...target, stream: null });
    return { ...common, damaged: [...ofStream.damaged, ...common.damaged] };
  }

  /** What was made active for exactly this stream, or for exactly all of them. */
  async activeOn(target: ActivationTarget): Promise<ActiveAdapter> {
    const damaged: { id: string; reason: string }[] = [];
    for (const id of activations(await this.journal(), target).toReversed()) {
      if (id === null) return { stored: undefined, decided: true, damaged };
      try {
        return { stored: await this.#read(id, target), decided: true, damaged };
      } catch (error) {
        damaged.push({ id, reason: error instanceof Error ? error.message : String(error) });
      }
    }
    return { stored: undefined, decided: false, damaged };
  }

  /**
   * Makes an adapter of the store active; `null`: the closed form. The daemon takes it between two
   * frames. Throws a ConfigurationError where it is not there, damaged, or made for something else.
   */
  async activate(target: ActivationTarget, id: string | null, reason: string): Promise<void> {
    if (id !== null) await this.#read(id, target);
    await this.#append(target, 'activate', id, reason);
  }

  /** Something was made active here, or a fit was made or refused, by whoever it was. */
  async settled(target: ActivationTarget): Promise<boolean> {
    if ((await this.active(target)).decided) return true;
    return entriesOf(await this.journal(), target).some(({ action }) => action === 'offer' || action === 'reject');
  }

  /** The fit that was offered last, where it was neither taken nor rejected since; undefined where it is damaged. */
  async offered(target: ActivationTarget): Promise<StoredAdapter | undefined> {
    const last = entriesOf(await this.journal(), target).findLast(({ action }) => action !== 'switch');
    if (last?.action !== 'offer' || last.adapter === null) return undefined;
    return this.#read(last.adapter, target).catch(() => undefined);
  }

  /** Goes back to what was active before. Throws a UserError where nothing was made active. */
  async rollback(target: ActivationTarget, reason: string): Promise<ActiveAdapter> {
    const stack = activations(await this.journal(), target);
    if (stack.length === 0) {
      throw new UserError(
        `there must be an active adapter to roll back, but ${target.stream === null ? 'all streams' : `the stream ${target.stream}`} ` +
          `with ${target.geometryKey} ${target.stream === null ? 'have' : 'has'} none`,
      );
    }
    await this.#append(target, 'rollback', stack.at(-2) ?? null, reason);
    return this.active(target);
  }

  /** Writes down what happened; changes nothing that is active. */
  async note(
    target: ActivationTarget,
    action: Exclude<JournalEntry['action'], 'activate' | 'rollback'>,
    id: string | null,
    reason: string,
  ): Promise<void> {
    await this.#append(target, action, id, reason);
  }

  /** Everything that happened, oldest first. */
  journal(): Promise<readonly JournalEntry[]> {
    return readEntries(this.#journalPath);
  }

  get #journalPath(): string {
    return join(this.#directory, 'journal.jsonl');
  }

  async #append(
    { stream, bundleDigest: bundle, geometryKey: geometry }: ActivationTarget,
    action: JournalEntry['action'],
    adapter: string | null,
    reason: string,
  ): Promise<void> {
    const time = this.#clock.date().toISOString();
    await appendEntry(this.#journalPath, { time, action, stream, bundle, geometry, adapter, reason });
  }

  async #read(id: string, { bundleDigest, geometryKey: key }: ActivationTarget): Promise<StoredAdapter> {
    const stored = await readStored(join(this.#folder(bundleDigest, key), fileName(id)));
    if (stored.adapter.bundleDigest === bundleDigest && geometryKey(stored.adapter.geometry) === key) return stored;
    throw new ConfigurationError(
      `the adapter ${stored.path} was made for another bundle or geometry; fit one for this`,
    );
  }

  #folder(bundleDigest: string, key: string): string {
    return join(this.#directory, 'adapters', bundleDigest.replace(/^sha256:/, '').slice(0, idDigits), key);
  }
}

/** Checks the content against the name, so that not one flipped bit goes unnoticed. */
async function readStored(path: string): Promise<StoredAdapter> {
  const adapter = await readAdapter(path);
  const id = idOf(await readFile(path));
  if (path.endsWith(fileName(id))) return { id, path, adapter };
  throw new ConfigurationError(
    `the adapter ${path} is damaged: its content does not have the digest that its name says`,
  );
}

function idOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, idDigits);
}

function fileName(id: string): string {
  return `${id}.safetensors`;
}
