/** Reads ffmpeg's log while it decodes: frames, losses, the decoder in use. */
import { HardwareWatch, type HardwareRequest } from './hardware.ts';
import { type FrameInfo, Showinfo } from './showinfo.ts';

/** One line of these per picture that could not be decoded, or only in part. */
const lossPattern =
  /Error while decoding stream|Error submitting (?:a )?packet to (?:the )?decoder|corrupt decoded frame|Packet corrupt/;

/** showinfo's further lines about a frame, and what it says of its own set-up. */
const chatter = /^\[(?:showinfo|swscaler|graph|auto_)/;

export interface DecodeLogOptions {
  readonly hardware: HardwareRequest;
  readonly onFrameInfo: (info: FrameInfo) => void;
  /** A picture was lost or damaged. */
  readonly onLoss: () => void;
  /** Something was wrong with what was read, behind the frame of this time. */
  readonly onComplaint: (afterSeconds: number | undefined) => void;
}

export class DecodeLog {
  readonly watch: HardwareWatch;
  readonly #options: DecodeLogOptions;
  readonly #showinfo = new Showinfo();
  #lastSeconds: number | undefined;

  constructor(options: DecodeLogOptions) {
    this.#options = options;
    this.watch = new HardwareWatch(options.hardware);
  }

  /** True for lines that say nothing about why a decoder ended. */
  readonly line = (text: string): boolean => {
    const info = this.#showinfo.frame(text);
    if (info !== undefined) {
      this.#lastSeconds = info.presentationSeconds;
      this.#options.onFrameInfo(info);
      return true;
    }
    if (chatter.test(text)) return true;
    const isLoss = lossPattern.test(text);
    if (isLoss) this.#options.onLoss();
    if (isLoss || /\[(?:error|fatal|panic)\]/.test(text)) this.#options.onComplaint(this.#lastSeconds);
    this.watch.line(text);
    return !/\[(warning|error|fatal|panic)\]/.test(text);
  };
}
