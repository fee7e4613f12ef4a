/** The bundle, under one name in every verb. */
import { Option, type Command } from 'commander';
import { defaults } from '../config/defaults.ts';

type OldName = 'model' | 'base';

/**
 * Adds `--bundle` to a verb, with the default of `run`. What it was called before goes on working, is no part of the
 * help, and says once what to write instead. `fallback: null` where a configuration has a say in it.
 */
export function withBundle(
  command: Command,
  { says = 'name of a bundle, or its directory', fallback = defaults.stream_defaults.bundle, old }: BundleOption = {},
): Command {
  const option = new Option('--bundle <bundle>', says);
  command.addOption(fallback === null ? option : option.default(fallback));
  if (old === undefined) return command;
  command.addOption(new Option(`--${old} <bundle>`).hideHelp());
  let told = false;
  return command.on(`option:${old}`, (bundle: string) => {
    command.setOptionValueWithSource('bundle', bundle, 'cli');
    if (told) return;
    told = true;
    process.stderr.write(`edge-cls: --${old} is called --bundle now; it goes on working\n`);
  });
}

interface BundleOption {
  readonly says?: string;
  readonly fallback?: string | null;
  readonly old?: OldName;
}
