import { execa } from 'execa';

/** Sends the message through the program `systemd-notify`, which waits until it was taken. */
export async function sendByCommand(socket: string, message: string): Promise<void> {
  await execa('systemd-notify', [`--pid=${process.pid}`, ...message.split('\n')], {
    env: { NOTIFY_SOCKET: socket },
    stdin: 'ignore',
    timeout: 10_000,
  });
}
