/**
 * Ends the children of a process that was killed. An ffmpeg whose camera is silent writes nothing,
 * so it does not notice by itself that nobody reads any more.
 */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Told of every group that begins (`+ pid`) and ends (`- pid`); when its input ends, so has the
 * process that fed it, and the groups that are left are killed. One small shell for all children.
 */
const script = `
groups=' '
while read -r change pid; do
  case $change in
    +) groups="$groups$pid " ;;
    -) groups="\${groups%% $pid *} \${groups#* $pid }" ;;
  esac
done
for pid in $groups; do kill -s KILL -- "-$pid"; done
`;

let guard: Writable | undefined;

/** Guards the process group until the returned function is called. */
export function guardGroup(pid: number): () => void {
  guard ??= startGuard();
  guard?.write(`+ ${pid}\n`);
  return () => guard?.write(`- ${pid}\n`);
}

/** Without descriptors, and without a shell, there is none: systemd's control group, or the broken pipe, does it then. */
function startGuard(): Writable | undefined {
  // A session of its own: a Ctrl-C at the terminal is for the process that it watches.
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.on('error', () => undefined);
  if (child.pid === undefined) return undefined;
  child.unref();
  child.stdin.on('error', () => undefined);
  (child.stdin as Writable & { unref?: () => void }).unref?.();
  return child.stdin;
}
