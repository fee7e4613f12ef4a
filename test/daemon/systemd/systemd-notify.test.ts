import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wrapper } from '../../../src/daemon/systemd/install/wrapper.ts';
import { createNotifier } from '../../../src/daemon/systemd/systemd-notify.ts';
import type { Report } from './notifying.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-cls-notify-'));
});
afterAll(() => rm(folder, { recursive: true }));

const receiver = `
import json, os, socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
address = sys.argv[1]
s.bind('\\0' + address[1:] if address[0] == '@' else address)
print('bound', flush=True)
while True:
    data, control, _, _ = s.recvmsg(65536, 1024)
    of = {kind: value for _, kind, value in control}
    # A sender waits until the manager closes the descriptor that came with its last message.
    for fd in struct.unpack('%di' % (len(of.get(socket.SCM_RIGHTS, b'')) // 4), of.get(socket.SCM_RIGHTS, b'')): os.close(fd)
    pid = struct.unpack('3i', of[2])[0]
    print(json.dumps([pid, data.decode()]), flush=True)
`;

/** A datagram socket as the service manager has it, in another process that is not ours. */
async function listen(address: string) {
  const python = spawn('python3', ['-c', receiver, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(python.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('bound');
  return {
    next: async () => {
      const [pid, message] = JSON.parse(String((await lines.next()).value)) as [number, string];
      return { pid, lines: message.split('\n').filter((line) => line !== '') };
    },
    [Symbol.dispose]: () => void python.kill('SIGKILL'),
  };
}

function notifier(env: Record<string, string>) {
  const troubles: string[] = [];
  return { notify: createNotifier({ env, onTrouble: (sentence) => troubles.push(sentence) }), troubles };
}

/** The program itself: what is on the PATH may be a script that looks for it there. */
function executable(helper: string): string {
  const tell = helper === 'perl' ? ['-e', 'print $^X'] : ['-c', 'import sys; print(sys.executable)'];
  return spawnSync(helper, tell, { encoding: 'utf8' }).stdout.trim();
}

/** Starts a program as the unit does, through the wrapper, with only the named helper on its PATH. */
async function startWrapped(socket: string, helper: string) {
  const bin = await mkdtemp(join(folder, 'bin-'));
  await symlink(executable(helper), join(bin, helper));
  const program = join(bin, 'edge-cls');
  await writeFile(program, wrapper(process.execPath, join(import.meta.dirname, 'notifying.ts')), { mode: 0o755 });
  return execa(program, { env: { NOTIFY_SOCKET: socket, PATH: bin, NODE_OPTIONS: '--import tsx' } });
}

describe('createNotifier', () => {
  it.each([
    ['perl', '/'],
    ['python3', '/'],
    ['perl', '@'],
    ['python3', '@'],
  ])('speaks the protocol as the main process, by a socket that %s opened at "%s…"', async (helper, kind) => {
    const socket = kind === '@' ? `@edge-cls-test-${process.pid}-${helper}` : join(folder, `notify-${helper}`);
    using manager = await listen(socket);
    const { stdout } = await startWrapped(socket, helper);
    const { pid, before, after, troubles } = JSON.parse(stdout) as Report;
    const messages = [];
    for (let i = 0; i < 5; i++) messages.push(await manager.next());
    expect(messages.map((message) => message.pid)).toEqual(Array(5).fill(pid));
    expect(messages.map(({ lines }) => lines)).toEqual([
      ['READY=1', 'STATUS=2/3 streams'],
      ['RELOADING=1', expect.stringMatching(/^MONOTONIC_USEC=\d+$/)],
      ['STATUS=a MAINPID=1'],
      ['WATCHDOG=1'],
      ['STOPPING=1'],
    ]);
    const stamp = Number(messages[1]!.lines[1]!.split('=')[1]!);
    expect(stamp).toBeGreaterThanOrEqual(before);
    expect(stamp).toBeLessThanOrEqual(after);
    expect(troubles).toEqual([]);
  });

  const command = spawnSync('systemd-notify', ['--version']).error === undefined;
  it.skipIf(!command)(
    `goes through systemd-notify when no socket was handed over, and says so${command ? '' : ' (systemd-notify is absent)'}`,
    async () => {
      const socket = `@edge-cls-test-${process.pid}`;
      using manager = await listen(socket);
      const { notify, troubles } = notifier({ NOTIFY_SOCKET: socket });
      await notify.ready('fine');
      await notify.watchdog();
      const first = await manager.next();
      expect(first.lines).toEqual(expect.arrayContaining(['READY=1', 'STATUS=fine']));
      expect(troubles).toEqual([expect.stringContaining('the unit needs NotifyAccess=all')]);
    },
  );

  it('does nothing outside a service manager', async () => {
    const { notify, troubles } = notifier({});
    await notify.ready();
    await notify.stopping();
    expect(notify.watchdogSeconds).toBeUndefined();
    expect(troubles).toEqual([]);
  });

  it('says once that the socket is gone, and goes on', async () => {
    const { notify, troubles } = notifier({ NOTIFY_SOCKET: join(folder, 'none') });
    await notify.watchdog();
    await notify.watchdog();
    expect(troubles).toEqual([
      expect.stringContaining('the unit needs NotifyAccess=all'),
      expect.stringMatching(/^The service manager cannot be notified: /),
    ]);
  });

  it.each([
    [{ WATCHDOG_USEC: '30000000' }, 30],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) }, 30],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' }, undefined],
    [{ WATCHDOG_USEC: '0' }, undefined],
    [{ WATCHDOG_USEC: 'soon' }, undefined],
  ])('reads the watchdog period of %j', (env, seconds) => {
    expect(notifier(env).notify.watchdogSeconds).toBe(seconds);
  });
});
