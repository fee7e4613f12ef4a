import type { Writable } from 'node:stream';
import type { Appended, LineDestination } from './line-destination.ts';

/** A stream that someone else opened and will close, such as standard output. */
export function lineStream(stream: Writable, name: string): LineDestination {
  // Errors are taken from the callbacks; without a listener they would end the program as well.
  const ignore = () => undefined;
  stream.on('error', ignore);
  return {
    name,
    append: (lines) =>
      new Promise<Appended>((resolve) => {
        stream.write(lines.join(''), (error) => resolve(error ? { written: 0, error } : { written: lines.length }));
      }),
    reopen: () => Promise.resolve(),
    close: () => {
      stream.off('error', ignore);
      return Promise.resolve();
    },
  };
}
