import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNotifier } from '../../src/daemon/systemd-notify.ts';

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

describe('createNotifier', () => {
  it('speaks the protocol to a real datagram socket, as the main process itself', async () => {
    const socket = join(folder, 'notify');
    using manager = await listen(socket);
    const { notify, troubles } = notifier({ NOTIFY_SOCKET: socket });
    const before = process.hrtime.bigint() / 1000n;
    await Promise.all([
      notify.extendTimeout(1.5),
      notify.ready('2/3 streams'),
      notify.reloading(),
      notify.status('a\nMAINPID=1'),
      notify.watchdog(),
      notify.stopping(),
    ]);
    const after = process.hrtime.bigint() / 1000n;
    const messages = [];
    for (let i = 0; i < 6; i++) messages.push(await manager.next());
    expect(messages.map(({ pid }) => pid)).toEqual(Array(6).fill(process.pid));
    expect(messages.map(({ lines }) => lines)).toEqual([
      ['EXTEND_TIMEOUT_USEC=1500000'],
      ['READY=1', 'STATUS=2/3 streams'],
      ['RELOADING=1', expect.stringMatching(/^MONOTONIC_USEC=\d+$/)],
      ['STATUS=a MAINPID=1'],
      ['WATCHDOG=1'],
      ['STOPPING=1'],
    ]);
    const stamp = BigInt(messages[2]!.lines[1]!.split('=')[1]!);
    expect(stamp >= before && stamp <= after).toBe(true);
    expect(troubles).toEqual([]);
  });

  it('leaves no descriptor open after hundreds of messages', async () => {
    const socket = join(folder, 'many');
    using manager = await listen(socket);
    const { notify, troubles } = notifier({ NOTIFY_SOCKET: socket });
    const descriptors = async () => (await readdir('/proc/self/fd')).length;
    const send = async (times: number) => {
      for (let i = 0; i < times; i++) {
        await notify.watchdog();
        await manager.next();
      }
    };
    await send(5);
    const before = await descriptors();
    await send(300);
    await expect.poll(descriptors).toBeLessThanOrEqual(before);
    expect(troubles).toEqual([]);
  });

  const command = spawnSync('systemd-notify', ['--version']).error === undefined;
  it.skipIf(!command)(
    `reaches an abstract socket through systemd-notify, and says so${command ? '' : ' (systemd-notify is absent)'}`,
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
    expect(troubles).toEqual([expect.stringMatching(/^The service manager cannot be notified: /)]);
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
