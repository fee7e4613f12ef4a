/** RTP inside an RTSP connection: `$`, channel, length, packet (RFC 2326, 10.12), between texts. */

/** Changes an RTP packet of the first channel in place; its header is 12 bytes (RFC 3550, 5.1). */
export type RtpEdit = (packet: Buffer) => void;

const dollar = 0x24;

export class Interleaved {
  readonly #edit: RtpEdit;
  #rest: Buffer = Buffer.alloc(0);

  constructor(edit: RtpEdit) {
    this.#edit = edit;
  }

  /** What can be sent on now; a packet that is not whole waits for its rest. */
  push(data: Buffer): Buffer {
    const bytes = Buffer.concat([this.#rest, data]);
    let at = 0;
    while (at < bytes.length) {
      if (bytes[at] !== dollar) {
        at = nextPacket(bytes, at);
        continue;
      }
      if (at + 4 > bytes.length) break;
      const end = at + 4 + bytes.readUInt16BE(at + 2);
      if (end > bytes.length) break;
      if (bytes[at + 1] === 0) this.#edit(bytes.subarray(at + 4, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return bytes.subarray(0, at);
  }
}

/** Answers are texts without a dollar sign. */
function nextPacket(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(dollar, from);
  return at < 0 ? bytes.length : at;
}

/** Time stamps of video jump by so many seconds, as they do when a camera sets its clock or begins anew. */
export function shiftTimestamps(seconds: number): RtpEdit {
  const ticks = 90_000 * seconds;
  return (packet) => {
    packet.writeUInt32BE((packet.readUInt32BE(4) + ticks) >>> 0, 4);
  };
}

/** Every n-th packet's payload is destroyed, as a bad link or a dying camera does. */
export function corruptPayloads(every: number): RtpEdit {
  let count = 0;
  return (packet) => {
    if (++count % every === 0) packet.fill(0xa5, 14);
  };
}
