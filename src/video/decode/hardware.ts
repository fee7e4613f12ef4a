/** Hardware decoding: asked for by name, or `auto`; what it really came to is always said. */
import type { SourceInfo } from '../source/source-info.ts';
import { UserError } from '../../domain/errors.ts';

export type HardwareRequest = 'none' | 'auto' | 'vaapi' | 'cuda' | 'v4l2m2m';

/** What decodes. `hardware` is `none` for the processor, else ffmpeg's name of the method. */
export interface DecoderReport {
  readonly hardware: string;
  readonly reason: string;
}

const memoryCodecs: Readonly<Record<string, string>> = {
  h264: 'h264',
  hevc: 'hevc',
  mpeg4: 'mpeg4',
  mpeg2video: 'mpeg2',
  vp8: 'vp8',
  vp9: 'vp9',
};

/** Arguments before `-i`. Throws a UserError where the method has no decoder for the codec. */
export function hardwareArguments(request: HardwareRequest, info: SourceInfo): string[] {
  switch (request) {
    case 'none':
      return [];
    case 'auto':
      return ['-hwaccel', 'auto'];
    case 'vaapi':
    case 'cuda':
      // One thread: every further one takes decoder surfaces of its own.
      return ['-hwaccel', request, ...(onDevice(info) ? ['-hwaccel_output_format', request] : []), '-threads', '1'];
    case 'v4l2m2m':
      return ['-c:v', memoryDecoder(info.codec)];
  }
}

/**
 * Filters that fetch the picture from the device. They cannot be set up for frames that were
 * decoded on the processor: that is what turns ffmpeg's silent fallback into a failure.
 */
export function downloadFilters(request: HardwareRequest, info: SourceInfo): string[] {
  if ((request !== 'vaapi' && request !== 'cuda') || !onDevice(info)) return [];
  return ['hwdownload', `format=${/1[02](le|be)$/.test(info.pixelFormat) ? 'p010le' : 'nv12'}`];
}

/** ffmpeg cannot turn pictures on a device: those with a display matrix it fetches itself. */
function onDevice({ displayMatrix = false }: SourceInfo): boolean {
  return !displayMatrix;
}

/** Follows ffmpeg's log to the decoder that is really used. */
export class HardwareWatch {
  readonly #request: HardwareRequest;
  #automatic: string | undefined;
  #failed = false;
  #why = 'no hardware decoder was found';

  constructor(request: HardwareRequest) {
    this.#request = request;
  }

  line(text: string): void {
    const chosen = /Using auto hwaccel type (\w+)/.exec(text)?.[1];
    if (chosen !== undefined) this.#automatic = chosen;
    if (text.includes('Auto hwaccel disabled')) this.#fellBack('no device was found');
    const failed = /Failed setup for format (\w+)/.exec(text)?.[1];
    if (failed !== undefined) this.#fellBack(`${failed} could not be set up for this stream`);
  }

  /** Holds once the first frame is there. */
  report(): DecoderReport {
    if (this.#request === 'none') return { hardware: 'none', reason: 'asked for' };
    if (this.#request !== 'auto') {
      return this.#failed ? { hardware: 'none', reason: this.#why } : { hardware: this.#request, reason: 'asked for' };
    }
    return this.#automatic === undefined
      ? { hardware: 'none', reason: this.#why }
      : { hardware: this.#automatic, reason: 'found by ffmpeg' };
  }

  #fellBack(why: string): void {
    this.#automatic = undefined;
    this.#failed = true;
    this.#why = why;
  }
}

function memoryDecoder(codec: string): string {
  const name = memoryCodecs[codec];
  if (name === undefined) {
    throw new UserError(
      `hardware decoding with v4l2m2m must be of ${Object.keys(memoryCodecs).join(', ')}, but the source is ${codec}; choose none or auto`,
    );
  }
  return `${name}_v4l2m2m`;
}
