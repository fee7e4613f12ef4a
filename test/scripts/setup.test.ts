/** `scripts/setup.sh` on machines that are not this one: the programs that it asks are stood in for. */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/videos.ts';

const script = resolve(import.meta.dirname, '../../scripts/setup.sh');
const dpkg = spawnSync('sh', ['-c', 'command -v dpkg'], { encoding: 'utf8' }).stdout.trim();

interface Machine {
  /** What `node --version` says; undefined where there is none. */
  readonly node?: string;
  /** What apt-get would install, before and after its lists are fetched; undefined where there is no apt-get. */
  readonly packaged?: readonly [before: string, after: string];
  readonly npmApart?: boolean;
  readonly root?: boolean;
}

/** Runs it in a checkout whose packages are installed already; says what it said and which commands it gave. */
function setUp({ node, packaged, npmApart = false, root = true }: Machine) {
  using directory = temporaryDirectory();
  const bin = join(directory.path, 'bin');
  const checkout = join(directory.path, 'checkout');
  const log = join(directory.path, 'log');
  mkdirSync(join(checkout, 'scripts'), { recursive: true });
  mkdirSync(join(checkout, 'node_modules'));
  mkdirSync(bin);
  copyFileSync(script, join(checkout, 'scripts/setup.sh'));
  writeFileSync(join(checkout, 'package-lock.json'), '{}');
  writeFileSync(join(checkout, 'node_modules/.edge-cls-lock'), '{}');

  const program = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const nodeText = (version: string) => {
    const [major = '', minor = ''] = version.split('.');
    return `[ "$1" = --version ] && echo v${version}; [ "$1" = -e ] && exit $((${major} > 20 || (${major} == 20 && ${minor} >= 19) ? 0 : 1)); exit 0`;
  };
  for (const name of ['bash', 'sh', 'dirname', 'sed', 'cmp', 'cat', 'cp', 'chmod', 'env', 'mv']) {
    symlinkSync(spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(), join(bin, name));
  }
  program('id', `echo ${root ? 0 : 1000}`);
  program('npm.kept', `echo "npm $*" >>'${log}'`);
  if (node !== undefined) {
    program('node', nodeText(node));
    program('npm', `echo "npm $*" >>'${log}'`);
  }
  if (packaged !== undefined) {
    const [before, after] = packaged;
    const lists = join(directory.path, 'lists');
    symlinkSync(dpkg, join(bin, 'dpkg'));
    program('node.kept', nodeText(after));
    program(
      'apt-cache',
      `echo nodejs:; if [ -e '${lists}' ]; then echo '  Candidate: ${after}'; else echo '  Candidate: ${before}'; fi`,
    );
    const npm = npmApart ? 'npm' : 'nodejs';
    program(
      'apt-get',
      `echo "apt-get $*" >>'${log}'
case "$*" in
*update*) : >'${lists}' ;;
esac
case "$*" in
*nodejs*) cp '${bin}/node.kept' '${bin}/node' ;;
esac
case "$*" in
*${npm}*) cp '${bin}/npm.kept' '${bin}/npm' ;;
esac`,
    );
  }
  const { status, stderr } = spawnSync(join(bin, 'bash'), [join(checkout, 'scripts/setup.sh')], {
    env: { PATH: bin, EDGE_CLS_FFMPEG: '/usr/bin/ffmpeg' },
    cwd: dirname(checkout),
    encoding: 'utf8',
  });
  const commands = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  return { status, stderr, commands };
}

const build = 'npm run --silent build';
const install = (name: string) => `apt-get install -y -qq --no-install-recommends ${name}`;

describe('a machine without a Node.js of 20.19 or newer', () => {
  test('one that is new enough is taken as it is', () => {
    expect(setUp({ node: '20.19.0', packaged: ['(none)', '(none)'] })).toMatchObject({ status: 0, commands: [build] });
  });

  describe.skipIf(dpkg === '')('with apt-get (skipped without dpkg)', () => {
    test.each([
      ['none', {}],
      ['one that is too old', { node: '18.20.4' }],
    ])('%s: that of the distribution is installed', (_, machine) => {
      const newEnough = '20.19.2+dfsg-1';
      const { status, stderr, commands } = setUp({ ...machine, packaged: [newEnough, newEnough] });
      expect(stderr).toContain(`installing Node.js ${newEnough} with apt-get`);
      expect(commands).toEqual([install('nodejs'), build]);
      expect(status).toBe(0);
    });

    test('npm is installed where it is apart, and lists are fetched where there are none', () => {
      const { status, commands } = setUp({ packaged: ['(none)', '22.4.1'], npmApart: true });
      expect(commands).toEqual(['apt-get update -qq', install('nodejs'), install('npm'), build]);
      expect(status).toBe(0);
    });

    test('what the distribution has is too old: a sentence, and nothing is installed', () => {
      const { status, stderr, commands } = setUp({ node: '16.1.0', packaged: ['18.20.4+dfsg-1', '18.20.4+dfsg-1'] });
      expect(stderr.trim().split('\n')).toEqual([
        expect.stringMatching(/^setup: Node\.js must be 20\.19 or newer, but it is v16\.1\.0: install it from https/),
      ]);
      expect(commands).toEqual(['apt-get update -qq']);
      expect(status).toBe(1);
    });

    test('neither root nor sudo: a sentence', () => {
      const { status, stderr, commands } = setUp({ packaged: ['20.19.2+dfsg-1', '20.19.2+dfsg-1'], root: false });
      expect(stderr).toMatch(
        /Node\.js must be 20\.19 or newer, but there is no node on the PATH: install it as root \(apt-get install nodejs npm\), then/,
      );
      expect([status, commands]).toEqual([1, []]);
    });
  });

  test('no apt-get: a sentence', () => {
    const { status, stderr } = setUp({});
    expect(stderr).toMatch(/^setup: Node\.js must be 20\.19 or newer, but there is no node on the PATH/);
    expect(status).toBe(1);
  });
});

test.skipIf(spawnSync('shellcheck', ['--version']).error !== undefined)(
  'the scripts have no fault that shellcheck knows of (skipped where it is absent)',
  () => {
    const { stdout } = spawnSync('shellcheck', [script], { encoding: 'utf8' });
    expect(stdout).toBe('');
  },
);
