/** The verbs, each in a file of its own, which is loaded when it is asked for. */
import type { Command } from 'commander';

export interface Verb {
  readonly description: string;
  readonly load: () => Promise<Command>;
}

export const verbs: Readonly<Record<string, Verb>> = {
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
  completion: {
    description: 'prints what bash, zsh or fish needs to complete its command lines',
    load: async () => (await import('./completion.ts')).completionCommand(allVerbs),
  },
};

/** All of them, loaded, as their help describes them. */
export async function allVerbs(): Promise<readonly Command[]> {
  const commands: Command[] = [];
  for (const { load, description } of Object.values(verbs)) commands.push((await load()).description(description));
  return commands;
}
