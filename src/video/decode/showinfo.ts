/** Reads the lines in which ffmpeg's filter showinfo describes a frame. */
import type { Size } from '../../domain/frame.ts';

export interface FrameInfo {
  /** Undefined where the stream has no time stamps. */
  readonly presentationSeconds: number | undefined;
  /** Size of the upright picture, before the sample aspect ratio. */
  readonly native: Size;
  readonly sampleAspectRatio: number;
  readonly pixelFormat: string;
}

const said = String.raw`^\[(?:showinfo|Parsed_showinfo)\S* @ [^\]]*\] (?:\[info\] )?`;
const timeBaseLine = new RegExp(String.raw`${said}config in time_base: (\d+)\/(\d+)`);
const frameLine = new RegExp(
  String.raw`${said}n: *\d+ pts: *(-?\d+|NOPTS) +pts_time:\S+ .*?fmt:(\S+) .*?sar:(\d+)\/(\d+) s:(\d+)x(\d+)`,
);

/**
 * Reads the log of one ffmpeg. Time is the time stamp times the time base, which is said once for each set-up of the
 * filters: the seconds that are printed beside it have six digits, a tenth of a second after three hours.
 */
export class Showinfo {
  /** Seconds of a tick: numerator and denominator, since a third is no exact number. */
  #timeBase: readonly [number, number] = [Number.NaN, 1];

  /** Undefined for every other line. */
  frame(text: string): FrameInfo | undefined {
    const base = timeBaseLine.exec(text);
    if (base) this.#timeBase = [Number(base[1]), Number(base[2])];
    const match = frameLine.exec(text);
    if (!match) return undefined;
    const [, time = '', pixelFormat = '', numerator, denominator, width, height] = match;
    const [ticks, perSecond] = this.#timeBase;
    const seconds = (Number(time) * ticks) / perSecond;
    const ratio = Number(numerator) / Number(denominator);
    return {
      presentationSeconds: Number.isFinite(seconds) ? seconds : undefined,
      native: { width: Number(width), height: Number(height) },
      // 0/1 says that it is not known: square, as every player takes it.
      sampleAspectRatio: ratio > 0 && Number.isFinite(ratio) ? ratio : 1,
      pixelFormat,
    };
  }
}
