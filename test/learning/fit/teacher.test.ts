import { expect, test } from 'vitest';
import { askedTeacher, rememberedTeacher } from '../../../src/learning/fit/teacher.ts';
import { inlineEngine } from '../../support/inline-engine.ts';
import { randomAdapter } from '../../support/front-end.ts';
import { geometry, pictures, smallCard, smallClassifier } from '../small-classifier.ts';

const frames = pictures(7);
const options = {
  ...{ engine: inlineEngine(), classifier: smallClassifier(1), card: smallCard(['no', 'yes'], 'binary'), geometry },
  ...{ batch: 3, frames, weights: randomAdapter(3), tensors: ['second'] },
};

test('a remembered teacher says what one says that is asked, also of frames that fill no run', async () => {
  await using asked = await askedTeacher(options);
  await using remembered = await rememberedTeacher(options);
  for (const indices of [
    [0, 1, 2],
    [6, 0, 3],
  ]) {
    const expected = (await asked.teach(indices))['second']!;
    const found = (await remembered.teach(indices))['second']!;
    expect(found.dims).toEqual(expected.dims);
    expect(found.data as Float32Array).toBeAllClose(expected.data as Float32Array, { atol: 1e-6 });
  }
});

test('a frame that there is none of is an error', async () => {
  await using remembered = await rememberedTeacher(options);
  await expect(remembered.teach([7])).rejects.toThrow(RangeError);
});
