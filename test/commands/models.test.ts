import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shippedBundles } from '../../src/model/bundle.ts';
import { captured } from './capture.ts';

/** Retitles a window, moves up, and a C1 control sequence introducer, which terminals read from UTF-8, too. */
const escapes = '\u001b]0;owned\u0007\u001b[2A\u009b31m';
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'edge-cls-models-'));
  cpSync(join(shippedBundles, 'efficientnet-lite0-imagenet'), join(directory, 'steering'), { recursive: true });
  const path = join(directory, 'steering', 'card.json');
  const card = JSON.parse(readFileSync(path, 'utf8')) as { output: { labels: string[] } };
  card.output.labels[0] = `tench${escapes}`;
  writeFileSync(path, JSON.stringify({ ...card, title: `A title${escapes}`, licence: `Apache-2.0${escapes}` }));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('words of a card do not steer the terminal', async () => {
  const { stdout, exitCode } = await captured('models', 'show', join(directory, 'steering'));
  expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('A title') as string });
  expect(stdout).not.toMatch(steering);
});

test('nor do they in JSON, which says the same as the card', async () => {
  const { stdout } = await captured('models', 'show', join(directory, 'steering'), '--json');
  expect(stdout).not.toMatch(steering);
  expect(JSON.parse(stdout)).toMatchObject({ title: `A title${escapes}` });
});
