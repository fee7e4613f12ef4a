import type { Config } from '../../config/schema.ts';
import { bundleDirectories, loadBundle, type Bundle } from '../../model/bundle.ts';

/** Reads each bundle once, however many streams use it; one that could not be read is tried again. */
export function sharedBundles(config: Pick<Config, 'models_directory'>): (name: string) => Promise<Bundle> {
  const paths = bundleDirectories(config.models_directory);
  const bundles = new Map<string, Promise<Bundle>>();
  return (name) => {
    let bundle = bundles.get(name);
    if (!bundle) {
      bundle = loadBundle(name, paths);
      bundles.set(name, bundle);
      bundle.catch(() => bundles.delete(name));
    }
    return bundle;
  };
}
