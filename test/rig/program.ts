/** The program as it is installed, run as a user or systemd does. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.ts';
import { childrenOf } from './processes.ts';

/** What `npm run build` has compiled, or the file that `EDGE_CLS_ENTRY` names. The program would not know that variable. */
const { EDGE_CLS_ENTRY: entry = resolve(import.meta.dirname, '../../dist/main.js'), ...environment } = process.env;

/** A line of the events file, as far as tests read it. */
export interface EventLine {
  readonly type: 'event' | 'prediction';
  readonly time: string;
  readonly stream: string;
  readonly kind?: string;
  readonly label?: string;
  readonly native_width?: number;
  readonly native_height?: number;
  readonly age_seconds?: number;
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export class Program implements AsyncDisposable {
  /** For the configuration, the state and the events of this run. */
  readonly directory = mkdtempSync(join(tmpdir(), 'edge-cls-rig-'));
  output = '';
  #child: ChildProcess | undefined;
  #exited: Promise<number | string> | undefined;
  #port = 0;

  /** `edge-cls` with these arguments; events with a line per frame go to a file of the rig. */
  static run(...args: string[]): Program {
    const program = new Program();
    program.start(['run', ...args, '--device', 'cpu', '--events', program.#events, '--every-frame']);
    return program;
  }

  /**
   * `edge-cls run --config FILE` as the service does it. The configuration is completed with the
   * CPU, events, a line per frame, and a port for HTTP.
   */
  static async service(config: Record<string, unknown>, env: Record<string, string> = {}): Promise<Program> {
    const program = new Program();
    program.#port = await freePort();
    program.configure(config);
    program.start(['run', '--config', program.configPath], env);
    return program;
  }

  get configPath(): string {
    return join(this.directory, 'config.yaml');
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Writes the configuration; SIGHUP makes a running service read it. */
  configure(config: Record<string, unknown>): void {
    const whole = {
      device: 'cpu',
      state_directory: join(this.directory, 'state'),
      log: { level: 'debug' },
      http: { port: this.#port },
      sinks: [{ type: 'json_lines', path: this.#events, every_frame: true }],
      ...config,
    };
    // JSON is YAML.
    writeFileSync(this.configPath, JSON.stringify(whole));
  }

  start(args: readonly string[], env: Record<string, string> = {}): void {
    const child = spawn(process.execPath, [entry, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment, ...env },
    });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#exited = new Promise((done) => child.once('close', (code, signal) => done(code ?? signal ?? 'unknown')));
    this.#child = child;
  }

  /** Exit code, or the name of the signal that ended it. */
  exited(): Promise<number | string> {
    return this.#exited ?? Promise.reject(new Error('it was not started'));
  }

  /** From now on nobody reads what it prints: `pause` leaves it in the pipe, `destroy` closes the pipe. */
  unread(stream: 'stdout' | 'stderr', how: 'pause' | 'destroy'): void {
    this.#child?.[stream]?.[how]();
  }

  /** Asks it to end, and says how long that took, seconds. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<{ code: number | string; seconds: number }> {
    const began = performance.now();
    this.#child?.kill(signal);
    const code = await this.exited();
    return { code, seconds: (performance.now() - began) / 1000 };
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  events(): EventLine[] {
    if (!existsSync(this.#events)) return [];
    const whole = readFileSync(this.#events, 'utf8').split('\n').slice(0, -1);
    return whole.map((line) => JSON.parse(line) as EventLine);
  }

  /** Lines of classified frames, of one stream or of all. */
  predictions(stream?: string): EventLine[] {
    return this.events().filter(
      (line) => line.type === 'prediction' && (stream === undefined || line.stream === stream),
    );
  }

  /** Its ffmpeg children that run, or have ended and not been reaped. */
  decoders() {
    return childrenOf(this.pid).filter(({ name }) => name === 'ffmpeg');
  }

  get<T = unknown>(path: string): Promise<T> {
    return this.#request(path).then((response) => response.json() as Promise<T>);
  }

  async status(path: string): Promise<number> {
    return this.#request(path).then(
      ({ status }) => status,
      () => 0,
    );
  }

  /** Rejects with what it said when it has ended, or is not ready in four minutes. */
  async untilReady(): Promise<void> {
    const end = performance.now() + 240_000;
    while ((await this.status('/readyz')) !== 200) {
      if (performance.now() > end || this.#ended)
        throw new Error(`the service must become ready, but said: ${this.output.slice(-2000)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  get #ended(): boolean {
    return this.#child !== undefined && (this.#child.exitCode ?? this.#child.signalCode) !== null;
  }

  async post(path: string, body: object = {}): Promise<number> {
    const { status } = await this.#request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return status;
  }

  /** /metrics as a scrape gets it. */
  metricsText(): Promise<string> {
    return this.#request('/metrics').then((response) => response.text());
  }

  /** All samples of /metrics. */
  async metrics(): Promise<Sample[]> {
    const text = await this.metricsText();
    return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
      name,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', text]) => [key, text ?? '']),
      ),
      value: Number(value),
    }));
  }

  /** The sum of the samples with that name and these labels. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const matching = (await this.metrics()).filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
    return matching.reduce((sum, { value }) => sum + value, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #events(): string {
    return join(this.directory, 'events.jsonl');
  }

  #request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.address}${path}`, { ...init, signal: AbortSignal.timeout(60_000) });
  }
}
