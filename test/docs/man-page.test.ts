import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandTree } from '../../src/commands/completion/command-tree.ts';
import { allCommands } from '../../src/commands/completion/parts.ts';
import { allVerbs } from '../../src/commands/verbs.ts';

const root = resolve(import.meta.dirname, '../..');
// npm passes over one that is no list.
const { man } = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { man: [string] };
const path = resolve(root, man[0]);
const absent = (program: string) => spawnSync(program, ['--version']).error !== undefined;

describe('the manual page that the build makes', () => {
  test('has every verb and every option', async () => {
    const page = readFileSync(path, 'utf8').replaceAll('\\-', '-');
    const commands = allCommands(commandTree(await allVerbs())).filter(({ path: names }) => names.length > 0);
    expect(commands.length).toBeGreaterThan(15);
    for (const { path: names, options } of commands) {
      expect(page).toContain(`.SS \\fB${names.join(' ')}\\fR`);
      for (const { flags, says } of options.filter((option) => !option.flags.includes('--help'))) {
        expect(says, `${names.join(' ')} ${flags.join(' ')}`).not.toBe('');
        expect(page).toContain(flags.map((flag) => `\\fB${flag}\\fR`).join(', '));
      }
    }
  });

  test.skipIf(absent('mandoc'))('has no fault that mandoc knows of (skipped where it is absent)', () => {
    const { stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', path], { encoding: 'utf8' });
    // It has no date, so that it is the same whenever it is made.
    expect(stdout.split('\n').filter((line) => line !== '' && !line.includes('missing date'))).toEqual([]);
  });

  test.skipIf(absent('groff'))('has no fault that groff knows of (skipped where it is absent)', () => {
    const { stderr } = spawnSync('groff', ['-man', '-ww', '-z', '-Kutf8', path], { encoding: 'utf8' });
    expect(stderr).toBe('');
  });
});
