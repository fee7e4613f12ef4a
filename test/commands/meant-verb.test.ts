import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { makeVideo, temporaryDirectory } from '../support/videos.ts';
import { captured } from './capture.ts';

describe('a command line whose first word is no verb', () => {
  test.each([
    [['foo.mp4'], 'foo.mp4 is a source, not a verb: did you mean `edge-cls run foo.mp4`?'],
    [['my film.mp4', '--events', '-'], "did you mean `edge-cls run 'my film.mp4' --events -`?"],
    [['/dev/video0'], 'did you mean `edge-cls run /dev/video0`?'],
    [['door/'], 'did you mean `edge-cls run door/`?'],
    [['http://camera.lan/live'], 'did you mean `edge-cls run http://camera.lan/live`?'],
    [['--json', 'foo.mp4'], 'did you mean `edge-cls run --json foo.mp4`?'],
    [['--json', 'probe', 'foo.mp4'], 'did you mean `edge-cls probe --json foo.mp4`?'],
    [['rnu', 'foo.mp4'], 'there is no verb rnu: did you mean `edge-cls run foo.mp4`?'],
    [['help', 'adaptor'], 'there is no verb adaptor: did you mean `edge-cls help adapt'],
    [['somersault'], 'there is no verb somersault: `edge-cls --help` shows those that there are'],
    [['--nonsense'], 'there is no verb --nonsense'],
  ])('%j', async (argv, sentence) => {
    const { exitCode, stderr, stdout } = await captured(...argv);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([exitCode, stdout]).toEqual([2, '']);
  });

  test('a folder that is there is a source, whatever it is called', async () => {
    using directory = temporaryDirectory();
    const before = process.cwd();
    process.chdir(directory.path);
    try {
      mkdirSync('rum');
      expect((await captured('rum')).stderr).toContain('did you mean `edge-cls run rum`?');
    } finally {
      process.chdir(before);
    }
  });

  test('a password in an address is not repeated', async () => {
    const { stderr } = await captured('rtsp://admin:hunter2@camera.lan/1');
    expect(stderr).toContain('did you mean `edge-cls run rtsp://***@camera.lan/1`?');
    expect(stderr).not.toContain('hunter2');
  });
});

test('--every-frame without --events says that it does nothing', async () => {
  using directory = temporaryDirectory();
  const video = makeVideo(`${directory.path}/short.mp4`, { seconds: 1 });
  const main = resolve(import.meta.dirname, '../../dist/main.js');
  const said = async (...more: string[]) => {
    const { stdout, stderr } = await execa('node', [main, 'run', video, '--device', 'cpu', '--every-frame', ...more]);
    return stdout + stderr;
  };
  expect(await said()).toContain('--every-frame does nothing without --events');
  expect(await said('--events', `${directory.path}/events.jsonl`)).not.toContain('does nothing');
});
