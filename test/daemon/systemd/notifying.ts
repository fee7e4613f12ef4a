/** Says each thing once to the service manager that started it, then what it knows of itself. */
import { createNotifier } from '../../../src/daemon/systemd/systemd-notify.ts';

export interface Report {
  readonly pid: number;
  /** CLOCK_MONOTONIC around the messages, microseconds. */
  readonly before: number;
  readonly after: number;
  readonly troubles: readonly string[];
}

const troubles: string[] = [];
const notify = createNotifier({ onTrouble: (sentence) => troubles.push(sentence) });
const now = () => Number(process.hrtime.bigint() / 1000n);
const before = now();
await Promise.all([
  notify.ready('2/3 streams'),
  notify.reloading(),
  notify.status('a\nMAINPID=1'),
  notify.watchdog(),
  notify.stopping(),
]);
console.log(JSON.stringify({ pid: process.pid, before, after: now(), troubles } satisfies Report));
