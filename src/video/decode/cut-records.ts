/** A byte stream cut into records of one length, each in a buffer of its own. */
import { FrameSplitter } from './frame-splitter.ts';

/** Throws where the last record is not whole. */
export async function* cutRecords(
  chunks: AsyncIterable<Uint8Array>,
  recordBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const whole: Uint8Array<ArrayBuffer>[] = [];
  const splitter = new FrameSplitter({
    frameBytes: recordBytes,
    target: () => new Uint8Array(recordBytes),
    onFrame: (record) => {
      if (record) whole.push(record);
    },
  });
  for await (const chunk of chunks) {
    splitter.push(chunk);
    yield* whole.splice(0);
  }
  if (splitter.partialBytes > 0)
    throw new Error(`the last record has ${splitter.partialBytes} of ${recordBytes} bytes`);
}
