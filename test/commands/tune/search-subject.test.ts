import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimDirectory } from '../../../src/commands/tune/search-subject.ts';
import { temporaryDirectory } from '../../support/videos.ts';

describe('claimDirectory', () => {
  it('should let the same search go on and refuse one about something else', async () => {
    using folder = temporaryDirectory();
    const directory = join(folder.path, 'new');
    const subject = { target: 'head', photographs: 'abc', share: 0.2 };
    await claimDirectory(directory, subject);
    await claimDirectory(directory, { ...subject });
    await expect(claimDirectory(directory, { ...subject, photographs: 'def' })).rejects.toThrow(
      'must have the photographs with which it began, abc, it was def',
    );
    writeFileSync(join(directory, 'subject.json'), 'x');
    await expect(claimDirectory(directory, subject)).rejects.toThrow('must be JSON');
  });
});
