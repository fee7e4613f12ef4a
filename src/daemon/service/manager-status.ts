import { handlers, type Happenings } from '../../domain/happenings.ts';
import { redact } from '../../domain/redact.ts';
import type { StreamBoard } from '../../output/stream-board.ts';
import { onTimer } from '../every.ts';
import type { ServiceNotifier } from '../systemd/systemd-notify.ts';

/** What the service manager hears of a service: its line of status, that it is ready, how a reload ended. */
export class ManagerStatus implements Disposable {
  readonly #notifier: ServiceNotifier;
  readonly #board: StreamBoard;
  #needsRestart: readonly string[] = [];
  #stop: () => void = () => undefined;

  constructor(notifier: ServiceNotifier, board: StreamBoard, happenings: Happenings) {
    this.#notifier = notifier;
    this.#board = board;
    happenings.subscribe(
      handlers({
        config_reloaded: ({ needsRestart = this.#needsRestart }) => void (this.#needsRestart = needsRestart),
      }),
    );
  }

  /** From now on; once a second at most. */
  tellEvery(seconds: number): void {
    this.#stop();
    this.#stop = onTimer(1000 * Math.max(1, seconds), () => this.#notifier.status(this.#text));
  }

  ready(): Promise<void> {
    return this.#notifier.ready(this.#text);
  }

  /** The manager is told of the end of a reload, also where the configuration was refused. */
  async during(reload: () => Promise<unknown>): Promise<void> {
    await this.#notifier.reloading();
    const end = await reload().then(
      () => this.#text,
      (error: unknown) => redact(`configuration refused: ${error instanceof Error ? error.message : String(error)}`),
    );
    await this.#notifier.ready(end);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  get #text(): string {
    const board = this.#board;
    const waiting = this.#needsRestart.length > 0 ? `; needs a restart: ${this.#needsRestart.join(', ')}` : '';
    return `${board.count('live')}/${board.names().length} streams, ${board.framesPerSecond().toFixed(0)} fps${waiting}`;
  }
}
