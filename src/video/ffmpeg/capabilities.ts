/** What a build of ffmpeg can do: distributions and static builds leave parts out. */
import type { Answers } from './answers.ts';
import { runFfmpeg } from '../child/run-ffmpeg.ts';

export interface Capabilities {
  readonly decoders: ReadonlySet<string>;
  readonly filters: ReadonlySet<string>;
  readonly encoders: ReadonlySet<string>;
}

/** Without these no source can be read; others are asked for where they are used. */
const needed = {
  decoders: ['h264', 'hevc', 'mjpeg', 'png'],
  filters: ['scale', 'crop', 'fps', 'format', 'showinfo', 'transpose', 'hflip', 'vflip'],
} as const;

export function capabilitiesOf({ decoders, filters, encoders }: Answers): Capabilities {
  return { decoders: parseList(decoders), filters: parseList(filters), encoders: parseList(encoders) };
}

/** Methods of hardware decoding that it was built with; whether the box has the hardware is another matter. */
export async function listHardwareMethods(path: string): Promise<readonly string[]> {
  const { stdout } = await runFfmpeg(path, ['-hide_banner', '-hwaccels'], { timeoutMs: 10_000 });
  return stdout.split('\n').slice(1).filter(Boolean);
}

/** Lines are ` VFS..D h264   H.264 / AVC …` and ` TSC scale   V->V   …`: the second word is the name. */
export function parseList(output: string): ReadonlySet<string> {
  const names = output.matchAll(/^ [A-Z.|]{2,6} +([\w-]+) /gm);
  return new Set([...names].map(([, name = '']) => name));
}

/** What of the needed decoders and filters is not there, as words for a sentence. */
export function missingParts({ decoders, filters }: Capabilities): string[] {
  return [
    ...needed.decoders.filter((name) => !decoders.has(name)).map((name) => `decoder ${name}`),
    ...needed.filters.filter((name) => !filters.has(name)).map((name) => `filter ${name}`),
  ];
}
