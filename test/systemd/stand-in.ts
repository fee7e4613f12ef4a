/**
 * A service with the manners of the daemon and nothing else, for tests of the unit: exit 78
 * on a configuration with `bad:`, notifications, a watchdog, the configuration's length in its
 * status. Started as the program is: `run --config FILE`.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { createNotifier } from '../../src/daemon/systemd-notify.ts';
import { startWatchdog } from '../../src/daemon/watchdog.ts';

const file = process.argv[process.argv.indexOf('--config') + 1] ?? '';
const notify = createNotifier({ onTrouble: (sentence) => console.error(sentence) });

function configuration(): string {
  const text = readFileSync(file, 'utf8');
  if (text.startsWith('bad:')) throw new Error('unknown key "bad"');
  return text;
}

async function load(): Promise<void> {
  const credentials = readdirSync(process.env['CREDENTIALS_DIRECTORY'] ?? '/nowhere');
  await notify.ready(`${configuration().length} characters, credentials ${credentials.join(' ')}`);
}

try {
  configuration();
} catch (error) {
  console.error(String(error));
  process.exit(78);
}
await load();
startWatchdog({
  seconds: notify.watchdogSeconds,
  check: () => [],
  ping: () => notify.watchdog(),
  onWithheld: () => undefined,
});
process.on('SIGHUP', () => {
  void notify
    .reloading()
    .then(load)
    .catch((error: unknown) => notify.ready(`kept the old one: ${String(error)}`));
});
process.on('SIGTERM', () => {
  void notify.stopping().then(() => process.exit(0));
});
setInterval(() => undefined, 60_000);
