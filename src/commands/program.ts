/** The command line: one verb per file; here they are put together and their errors are shown. */
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { exitCode, UserError, type ExitCode } from '../domain/errors.ts';
import { redact } from '../domain/redact.ts';
import { plainLines } from '../output/terminal-text.ts';
import { adaptCommand } from './adapt.ts';
import { adaptersCommand } from './adapters.ts';
import { benchCommand } from './bench.ts';
import { doctorCommand } from './doctor.ts';
import { evaluateCommand } from './evaluate.ts';
import { installCommand } from './install.ts';
import { modelsCommand } from './models.ts';
import { probeCommand } from './probe.ts';
import { runCommand } from './run.ts';
import { trainCommand } from './train.ts';
import { tuneCommand } from './tune.ts';

/** Runs one command line and returns the exit code. Never throws. */
export async function edgeCls(argv: readonly string[]): Promise<ExitCode> {
  try {
    await program().parseAsync([...argv], { from: 'user' });
    return exitCode.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    process.stderr.write(`edge-cls: ${plainLines(described(error))}\n`);
    return error instanceof UserError ? error.exitCode : exitCode.failed;
  }
}

function program(): Command {
  const { version, description } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
    description: string;
  };
  const root = new Command('edge-cls').description(description).version(version).exitOverride().showHelpAfterError();
  for (const command of [
    runCommand(),
    probeCommand(),
    modelsCommand(),
    adaptCommand(),
    evaluateCommand(),
    adaptersCommand(),
    benchCommand(),
    doctorCommand(),
    trainCommand(),
    tuneCommand(),
    installCommand(),
  ]) {
    root.addCommand(command.exitOverride());
  }
  return root;
}

/** A user's error is one sentence; a fault of the program keeps its stack. */
function described(error: unknown): string {
  if (error instanceof UserError) return redact(error.message);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return redact(`this is a fault of edge-cls, please report it: ${stack}`);
}
