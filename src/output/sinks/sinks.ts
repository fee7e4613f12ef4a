import type { Writable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { DisposeStack } from '../../domain/dispose-stack.ts';
import { handlers } from '../../domain/happenings.ts';
import { JsonLines, type JsonLinesOptions } from './json-lines.ts';
import { LineFile } from './line-file.ts';
import { lineStream } from './line-stream.ts';
import type { Sink, SinkRecord } from './sink.ts';

/** As the configuration has it. */
export interface SinkConfig {
  readonly type: 'json_lines';
  readonly name: string;
  /** `-`: standard output. */
  readonly path: string;
  readonly every_frame: boolean;
}

export interface SinksOptions extends Pick<JsonLinesOptions, 'clock' | 'tell' | 'patienceSeconds'> {
  readonly stdout: Writable;
}

interface OpenSink {
  readonly config: SinkConfig;
  readonly sink: Sink;
}

/** All sinks of the configuration: each record goes to each. Disposing it closes them. */
export class Sinks implements AsyncDisposable {
  readonly #options: SinksOptions;
  #open: readonly OpenSink[] = [];

  constructor(options: SinksOptions) {
    this.#options = options;
  }

  /** @throws as `replace` */
  static async open(configs: readonly SinkConfig[], options: SinksOptions): Promise<Sinks> {
    const sinks = new Sinks(options);
    await sinks.replace(configs);
    return sinks;
  }

  get all(): readonly Sink[] {
    return this.#open.map(({ sink }) => sink);
  }

  readonly subscriber = handlers({
    event: (event) => this.#take(event),
    prediction: (prediction) => this.#take(prediction),
  });

  /**
   * Makes the sinks be these. Those that are as they were stay open; new ones are opened before
   * others are closed, which resolves when what waits in them is written.
   *
   * @throws ConfigurationError when one cannot be opened; then all is as before
   */
  async replace(configs: readonly SinkConfig[]): Promise<void> {
    const next: OpenSink[] = [];
    await using opened = new DisposeStack();
    for (const config of configs) {
      const kept = this.#open.find((before) => isDeepStrictEqual(before.config, config));
      next.push(kept ?? { config, sink: opened.use(await openSink(config, this.#options)) });
    }
    opened.move();
    const removed = this.#open.filter((before) => !next.includes(before));
    this.#open = next;
    await closeAll(removed);
  }

  /** A sentence for each sink that did not deliver all that it took; what still waits is in none. */
  losses(): string[] {
    return this.all.flatMap((sink) => {
      const { delivered, failed, lost } = sink.counts();
      const missing = lost + Object.values(failed).reduce((sum, count) => sum + count, 0);
      if (missing === 0) return [];
      return `The sink ${sink.name} must deliver all events, but ${missing} of ${delivered + missing} could not be: the log says why`;
    });
  }

  /** Resolves when everything that was taken so far is counted. */
  async flush(): Promise<void> {
    await Promise.all(this.all.map((sink) => sink.flush()));
  }

  /** Opens files anew, which someone may have moved. */
  async reopen(): Promise<void> {
    await Promise.all(this.all.map((sink) => sink.reopen()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeAll(this.#open);
  }

  #take(record: SinkRecord): void {
    for (const { sink } of this.#open) sink.take(record);
  }
}

async function closeAll(sinks: readonly OpenSink[]): Promise<void> {
  await Promise.all(sinks.map(({ sink }) => sink[Symbol.asyncDispose]()));
}

async function openSink({ name, path, every_frame: everyFrame }: SinkConfig, options: SinksOptions): Promise<Sink> {
  const destination = path === '-' ? lineStream(options.stdout, 'standard output') : await LineFile.open(path);
  return new JsonLines(destination, { ...options, name, everyFrame });
}
