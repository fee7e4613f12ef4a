/** Which adapter a stream of a service runs with: the configured file, else the store's, else the closed form. */
import type { StreamConfig } from '../../config/schema.ts';
import { UserError } from '../../domain/errors.ts';
import type { Happenings } from '../../domain/happenings.ts';
import { adapterDigest } from '../../model/card.ts';
import { readAdapter } from '../../model/adapter-file.ts';
import type { ActivationTarget, ActiveAdapter, AdapterStore } from '../../model/adapter-store.ts';
import type { Bundle } from '../../model/bundle.ts';
import { geometryKey, type Geometry } from '../../model/geometry.ts';
import { closedFormAdapter, type PlannedAdapter, type StreamPlan } from '../stream/stream-plan.ts';

export class StreamAdapters {
  readonly #store: AdapterStore;
  readonly #happenings: Happenings;

  constructor(store: AdapterStore, happenings: Happenings) {
    this.#store = store;
    this.#happenings = happenings;
  }

  /**
   * A file that was fitted for another geometry is passed over, which is told: the camera may have
   * changed its size. Throws a ConfigurationError for a file that cannot be used at all.
   */
  async choose(config: StreamConfig, bundle: Bundle, geometry: Geometry): Promise<PlannedAdapter> {
    const configured = await this.#configured(config, bundle, geometry);
    return (
      configured ??
      this.#planned(await this.#store.active(target(config.name, bundle, geometry)), bundle, geometry, config.name)
    );
  }

  /** The journal says which adapter a change of the size brought. */
  switched({ name, bundle, choice, adapterId }: StreamPlan): Promise<void> {
    return this.#store.note(target(name, bundle, choice.geometry), 'switch', adapterId, 'the resolution changed');
  }

  /** The stream's policy asks for a fit, and none was tried for this geometry. */
  async wantsFit({ name, config, bundle, choice }: StreamPlan): Promise<boolean> {
    if (config.adapt === 'never' || config.adapter !== null) return false;
    return !(await this.#store.settled(target(name, bundle, choice.geometry)));
  }

  /** A fit of this stream and geometry that waits for a verdict. */
  async offered({ name, config, bundle, choice }: StreamPlan): Promise<PlannedAdapter | undefined> {
    if (config.adapter !== null) return undefined;
    const stored = await this.#store.offered(target(name, bundle, choice.geometry));
    return stored && { weights: stored.adapter.weights, id: stored.id };
  }

  /** What was offered is active from now on. */
  take({ name, bundle, choice }: StreamPlan, id: string, reason: string): Promise<void> {
    return this.#store.activate(target(name, bundle, choice.geometry), id, reason);
  }

  /** What was offered is not taken, and not offered again. */
  reject({ name, bundle, choice }: StreamPlan, id: string, reason: string): Promise<void> {
    return this.#store.note(target(name, bundle, choice.geometry), 'reject', id, reason);
  }

  /** Takes this stream back to what it had before; to the closed form, where it had what all streams have. */
  async withdraw({ name, config, bundle, choice }: StreamPlan, reason: string): Promise<PlannedAdapter> {
    const place = target(name, bundle, choice.geometry);
    if ((await this.#store.activeOn(place)).decided) await this.#store.rollback(place, reason);
    else await this.#store.activate(place, null, reason);
    return this.choose(config, bundle, choice.geometry);
  }

  /** Throws a UserError where the store has no such adapter, or a file is configured. */
  async activate(plan: StreamPlan, id: string): Promise<PlannedAdapter> {
    this.#refuseConfigured(plan);
    const { bundle, choice, name } = plan;
    const stored = await this.#store.find(id.replace(/^sha256:/, ''));
    await this.#store.activate(target(name, bundle, choice.geometry), stored.id, 'asked for over HTTP');
    return this.choose(plan.config, bundle, choice.geometry);
  }

  /** Throws a UserError where nothing was made active before. */
  async rollBack(plan: StreamPlan): Promise<PlannedAdapter> {
    this.#refuseConfigured(plan);
    const { bundle, choice, name } = plan;
    await this.#store.rollback(target(name, bundle, choice.geometry), 'asked for over HTTP');
    return this.choose(plan.config, bundle, choice.geometry);
  }

  async #configured({ adapter: path, name }: StreamConfig, bundle: Bundle, geometry: Geometry) {
    if (path === null) return undefined;
    const bundleDigest = adapterDigest(bundle.card);
    const adapter = await readAdapter(path);
    const [made, wanted] = [adapter.geometry, geometry].map(geometryKey);
    if (made === wanted) {
      await readAdapter(path, { bundleDigest, geometry });
      return { weights: adapter.weights, id: 'file' };
    }
    this.#trouble(
      name,
      `the adapter ${path} was made for ${made ?? ''}, the stream has ${wanted ?? ''}: it is not used`,
    );
    return undefined;
  }

  #planned({ stored, damaged }: ActiveAdapter, bundle: Bundle, geometry: Geometry, stream: string): PlannedAdapter {
    for (const { id, reason } of damaged) this.#trouble(stream, `the adapter ${id} is not used: ${reason}`);
    return stored ? { weights: stored.adapter.weights, id: stored.id } : closedFormAdapter(bundle, geometry);
  }

  #trouble(stream: string, sentence: string): void {
    this.#happenings.tell({ type: 'trouble', stream, sentence });
  }

  #refuseConfigured({ name, config }: StreamPlan): void {
    if (config.adapter === null) return;
    throw new UserError(`the adapter of the stream ${name} is a file in the configuration; take that out first`);
  }
}

function target(stream: string, { card }: Bundle, geometry: Geometry): ActivationTarget {
  return { stream, bundleDigest: adapterDigest(card), geometryKey: geometryKey(geometry) };
}
