import { Command } from 'commander';
import { describe, expect, test, vi } from 'vitest';
import { withBundle } from '../../src/commands/bundle-option.ts';
import { verbs } from '../../src/commands/verbs.ts';
import { defaults } from '../../src/config/defaults.ts';
import { captured } from './capture.ts';

const optionsOf = (command: Command) =>
  command.options.map(({ long, defaultValue, hidden }) => ({ long, hidden, defaultValue: defaultValue as unknown }));

describe('--bundle', () => {
  test.each(['run', 'probe', 'adapt', 'evaluate', 'bench', 'train', 'tune'])(
    '%s has it, with the default of run, and shows no other name for it',
    async (name) => {
      const options = optionsOf(await verbs[name]!.load());
      const bundle = options.find(({ long }) => long === '--bundle');
      // Of `run` it comes from the configuration.
      const usual = name === 'run' ? undefined : defaults.stream_defaults.bundle;
      expect(bundle).toMatchObject({ defaultValue: usual, hidden: false });
      const others = options.filter(({ long, hidden }) => (long === '--model' || long === '--base') && !hidden);
      expect(others).toEqual([]);
    },
  );

  test.each([
    ['run', '--model'],
    ['probe', '--model'],
    ['bench', '--model'],
    ['tune', '--model'],
    ['train', '--base'],
  ])('%s goes on taking %s', async (verb, old) => {
    const { exitCode, stderr } = await captured(verb, import.meta.filename, old, 'nonsense');
    expect(stderr).toContain('there is no bundle "nonsense"');
    expect(exitCode).toBe(78);
  });

  test('an old name is told once', () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const verb = withBundle(new Command('verb'), { old: 'base' });
    verb.parse(['--base', 'a', '--base', 'b'], { from: 'user' });
    const sentences = written.mock.calls.map(([text]) => text);
    written.mockRestore();
    expect(verb.opts()).toMatchObject({ bundle: 'b' });
    expect(sentences).toEqual(['edge-cls: --base is called --bundle now; it goes on working\n']);
  });
});
