/** What of a run's configuration can be judged before any source is opened. */
import type { Config, StreamConfig } from '../config/schema.ts';
import { UsageError } from '../domain/errors.ts';
import { fileIdentity } from '../domain/file-identity.ts';
import type { Bundle } from '../model/bundle.ts';
import { targetsOf } from '../pipeline/targets.ts';
import { pipeIdentity } from '../video/source/pipe-source.ts';
import { sharedBundles } from './device/shared-bundles.ts';

/** One of the configuration, as far as it can be judged without its source. */
export interface AcceptedStream {
  readonly stream: StreamConfig;
  readonly bundle: Bundle;
}

/** Throws what is wrong with the configuration: nothing is opened then. */
export async function acceptedStreams(config: Config): Promise<AcceptedStream[]> {
  refuseSharedFiles(config);
  const bundleOf = sharedBundles(config);
  const accepted: AcceptedStream[] = [];
  for (const stream of config.streams.filter(({ enabled }) => enabled)) {
    const bundle = await bundleOf(stream.bundle);
    targetsOf(bundle.card.output.labels, stream);
    accepted.push({ stream, bundle });
  }
  return accepted;
}

/** What is read by one is not there for another; what is read is not written to. */
export function refuseSharedFiles({ streams, sinks }: Pick<Config, 'streams' | 'sinks'>): void {
  const readers = new Map<string, string>();
  const written = new Set(sinks.filter(({ path }) => path !== '-').map(({ path }) => fileIdentity(path)));
  for (const { name, source } of streams.filter(({ enabled }) => enabled)) {
    if (written.has(fileIdentity(source))) {
      throw new UsageError(`events must not be written into ${source}, the source of ${name}: give them another path`);
    }
    const pipe = pipeIdentity(source);
    if (pipe === undefined) continue;
    const other = readers.get(pipe);
    if (other !== undefined) {
      throw new UsageError(
        `the pipe ${source} can be read once, but is the source of ${other} and of ${name}: name it once`,
      );
    }
    readers.set(pipe, name);
  }
}
