/** The command line: one verb per file, which is loaded when it is asked for; their errors are shown here. */
import { Command, CommanderError } from 'commander';
import { exitCode, type ExitCode } from '../domain/errors.ts';
import { packageFacts } from '../domain/package-root.ts';
import { stopBehind } from '../domain/stop.ts';
import { examplesText } from './examples.ts';
import { lastWords, signalBehind } from './last-words.ts';
import { assertVerb } from './meant-verb.ts';
import { stopOnSignals } from './signals.ts';
import { verbs } from './verbs.ts';

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
  assertVerb(argv, Object.keys(verbs));
  const { version, description } = packageFacts;
  const root = new Command('edge-cls')
    .description(description)
    .version(version)
    .exitOverride()
    .addHelpText(
      'after',
      `${examplesText('run')}\n\n\`edge-cls help VERB\` shows the options of a verb, and examples of it.`,
    );
  for (const [name, verb] of Object.entries(verbs)) {
    // The verb itself, or the one after `help`; of the others the descriptions are enough.
    const command = argv.slice(0, 2).includes(name) ? await verb.load() : new Command(name);
    root.addCommand(command.description(verb.description).exitOverride().addHelpText('after', examplesText(name)));
  }
  return root;
}
