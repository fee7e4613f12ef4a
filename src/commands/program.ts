/** The command line: one verb per file, which is loaded when it is asked for; their errors are shown here. */
import { Command, CommanderError } from 'commander';
import { exitCode, type ExitCode } from '../domain/errors.ts';
import { packageFacts } from '../domain/package-root.ts';
import { stopBehind } from '../domain/stop.ts';
import { lastWords, signalBehind } from './last-words.ts';
import { stopOnSignals } from './signals.ts';

interface Verb {
  readonly description: string;
  readonly load: () => Promise<Command>;
}

const verbs: Readonly<Record<string, Verb>> = {
  run: {
    description: 'classify streams and files; ends when they end',
    load: async () => (await import('./run.ts')).runCommand(),
  },
  probe: {
    description: 'what a source is, and what the front end and ffmpeg would do with it',
    load: async () => (await import('./probe.ts')).probeCommand(),
  },
  models: {
    description: 'the classifiers that are there',
    load: async () => (await import('./models.ts')).modelsCommand(),
  },
  adapt: {
    description: 'fits the front end to a camera; the old one stays unless the new one is better on held-out frames',
    load: async () => (await import('./adapt.ts')).adaptCommand(),
  },
  evaluate: {
    description:
      'accuracy, agreement with the resize of training, calibration; at any resolution, as it is and degraded',
    load: async () => (await import('./evaluate.ts')).evaluateCommand(),
  },
  adapters: {
    description: 'the fitted front ends of this box, and which are in use',
    load: async () => (await import('./adapters.ts')).adaptersCommand(),
  },
  bench: {
    description: 'rates of the decoder, the front end, the classifier and the whole pipeline on one file',
    load: async () => (await import('./bench.ts')).benchCommand(),
  },
  doctor: {
    description: 'what is wrong with this box, and how to mend it; exit code 1 if something needed is missing',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  train: {
    description: 'trains a classifier for your own classes on photographs, a folder for each class',
    load: async () => (await import('./train.ts')).trainCommand(),
  },
  tune: {
    description: 'looks for the learning rate; `train` and `adapt` use what it finds',
    load: async () => (await import('./tune.ts')).tuneCommand(),
  },
  install: {
    description: 'install the systemd service: wrapper, groups, directories, configuration, units; can be run again',
    load: async () => (await import('./install.ts')).installCommand(),
  },
};

/** Runs one command line and returns the exit code. Never throws. */
export async function edgeCls(argv: readonly string[]): Promise<ExitCode> {
  using stop = stopOnSignals();
  try {
    const command = await program(argv);
    await Promise.race([command.parseAsync([...argv], { from: 'user' }), stopped(stop.signal)]);
    return exitCode.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    // What runs until it is stopped has then done what it was there for.
    if (argv[0] === 'run' && signalBehind(error)) return exitCode.done;
    // Why it had to end has been said.
    if (stopBehind(error)?.reason === 'shutdown') return exitCode.failed;
    const { text, exitCode: code } = lastWords(error);
    process.stderr.write(`edge-cls: ${text}\n`);
    return code;
  }
}

/** For a signal that no verb takes for itself. Never resolves. */
function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

async function program(argv: readonly string[]): Promise<Command> {
  const { version, description } = packageFacts;
  const root = new Command('edge-cls').description(description).version(version).exitOverride().showHelpAfterError();
  for (const [name, verb] of Object.entries(verbs)) {
    // The verb itself, or the one after `help`; of the others the descriptions are enough.
    const command = argv.slice(0, 2).includes(name) ? await verb.load() : new Command(name);
    root.addCommand(command.description(verb.description).exitOverride());
  }
  return root;
}
