import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../src/model/bundle.ts';
import { verifyBundle } from '../../src/model/verify-bundle.ts';
import { blindClassifier, smallBundle, smallPictures } from '../learning/head/small-material.ts';
import { inlineEngine } from '../support/inline-engine.ts';
import { smallClassifier } from '../learning/small-classifier.ts';
import { temporaryDirectory } from '../support/videos.ts';
import { captured } from './capture.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
let base: string;
let folder: string;

beforeAll(async () => {
  base = (await smallBundle(directory.path, blindClassifier())).directory;
  folder = await smallPictures(directory.path);
});

let count = 0;

/** Trains to a bundle of a new name. The head's rate is ten times that of what is fine-tuned. */
async function train(...more: string[]) {
  const where = ['--output', directory.path, '--name', `made-${count++}`, '--cache', join(directory.path, 'cache')];
  const { exitCode, stdout, stderr } = await captured(
    ...['train', folder, '--bundle', base, '--device', 'cpu', '--batch', '12', ...where, '--json', ...more],
  );
  return { exitCode, stderr, result: (stdout === '' ? {} : JSON.parse(stdout)) as Result };
}

interface Result {
  readonly bundle: string;
  readonly digest: string;
  readonly fine_tuning?: { readonly taken: boolean; readonly text: string; readonly epochs?: number };
  readonly test: { readonly accuracy: number };
}

describe('train --fine-tune', () => {
  it('should write a bundle that can do what its head alone could not, and say so', async () => {
    const { result } = await train('--fine-tune', '1', '--lr', '0.2', '--epochs', '20', '--test', folder);
    expect(result.fine_tuning).toMatchObject({ taken: true, convolutions: 1, cut: 'r1' });
    expect(result.fine_tuning).toMatchObject({ test_before: { accuracy: 0.5 } });
    expect(result.fine_tuning?.text).toMatch(
      /^With the last convolution fine-tuned, the weights of epoch .*validation loss 0\.6\d+ before/,
    );
    expect(result.test.accuracy).toBe(1);
    expect((await verifyBundle(await loadBundle(result.bundle), inlineEngine())).passed).toBe(true);
  });

  it('should write the same bundle as without it where it does not help, and say so', async () => {
    const seeing = (await smallBundle(join(directory.path, 'seeing'), smallClassifier(1))).directory;
    // The head alone is right, and steps that are its tenth are far too long for convolutions.
    const settings = ['--bundle', seeing, '--lr', '5', '--epochs', '20'];
    const [plain, tuned] = [await train(...settings), await train(...settings, '--fine-tune', '2')];
    expect(tuned.result.fine_tuning?.text).toMatch(/^Fine-tuning did not lower the validation loss and is not taken/);
    expect(tuned.result.digest).toBe(plain.result.digest);
    expect(plain.result.fine_tuning).toBeUndefined();
  });

  it('should not begin where the head has used the budget up', async () => {
    const { result } = await train('--fine-tune', '1', '--budget', '0.001s');
    expect(result.fine_tuning?.text).toBe('The time was up before fine-tuning: the backbone is as it was.');
  });

  it.each([
    ['-1', /--fine-tune must be an integer from 0 on, it was "-1"/],
    ['1.5', /--fine-tune must be an integer from 0 on, it was "1.5"/],
    ['3', /--fine-tune must be at most 2, the convolutions that the backbone of small has, it was 3/],
  ])('should refuse %s', async (value, message) => {
    const { exitCode, stderr } = await train('--fine-tune', value);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});
