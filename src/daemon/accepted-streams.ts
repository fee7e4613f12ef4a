/** What of a run's configuration can be judged before any source is opened. */
import type { Config, StreamConfig } from '../config/schema.ts';
import type { Bundle } from '../model/bundle.ts';
import { targetsOf } from '../pipeline/targets.ts';
import { sharedBundles } from './device/shared-bundles.ts';

/** One of the configuration, as far as it can be judged without its source. */
export interface AcceptedStream {
  readonly stream: StreamConfig;
  readonly bundle: Bundle;
}

/** Throws what is wrong with the configuration: nothing is opened then. */
export async function acceptedStreams(config: Config): Promise<AcceptedStream[]> {
  const bundleOf = sharedBundles(config);
  const accepted: AcceptedStream[] = [];
  for (const stream of config.streams.filter(({ enabled }) => enabled)) {
    const bundle = await bundleOf(stream.bundle);
    targetsOf(bundle.card.output.labels, stream);
    accepted.push({ stream, bundle });
  }
  return accepted;
}
