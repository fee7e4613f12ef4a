/** A real RTSP server as a camera: GStreamer's, told what to serve while it serves. */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Debian's own, which is the one that its GObject packages are for. */
const python = '/usr/bin/python3';
const script = resolve(import.meta.dirname, 'camera.py');

/** Why there can be no camera here; undefined where there can. */
export const cameraMissing: string | undefined =
  spawnSync(python, ['-c', "import gi; gi.require_version('GstRtspServer', '1.0')"], { stdio: 'ignore' }).status === 0
    ? undefined
    : 'needs the Debian packages gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good gstreamer1.0-plugins-bad';

/** For the title of a test that is skipped for it. */
export const cameraNote = cameraMissing === undefined ? '' : ` (${cameraMissing})`;

export interface Served {
  /** Annex B, as `makeElementaryStream` writes it. */
  readonly video?: string;
  /** Frames a second. */
  readonly rate?: number;
  /** Sound only. */
  readonly audio?: true;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

export class Camera implements AsyncDisposable {
  readonly port: number;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>, lines: Interface, port: number) {
    this.#child = child;
    this.#lines = lines;
    this.port = port;
  }

  /** Listens on a free port of the loopback unless one is given. */
  static async start(mounts: Record<string, Served>, { port = 0, login }: { port?: number; login?: Login } = {}) {
    const args = [script, String(port), ...(login ? [login.user, login.password] : [])];
    const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const [first] = (await Promise.race([once(lines, 'line'), once(child, 'exit')])) as unknown[];
    const camera = new Camera(child, lines, Number(first));
    for (const [name, served] of Object.entries(mounts)) await camera.serve(name, served);
    return camera;
  }

  /** Also changes what is being served: the clients go on with the other file at once. */
  async serve(name: string, served: Served): Promise<void> {
    const done = once(this.#lines, 'line');
    this.#child.stdin.write(`${JSON.stringify({ mount: name, ...served })}\n`);
    await done;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** As a power cut does. Another one can start on the same port. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** An address at this machine; the login is escaped as a URL wants it. */
export function rtspUrl(port: number, name: string, login?: Login): string {
  const user = login ? `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@` : '';
  return `rtsp://${user}127.0.0.1:${port}/${name}`;
}
