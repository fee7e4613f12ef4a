import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes `SHA256SUMS`, for `sha256sum --check`, and gives its lines. */
export async function checksums(made: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(made)).sort()) {
    const digest = createHash('sha256').update(await readFile(join(made, name)));
    lines.push(`${digest.digest('hex')}  ${name}`);
  }
  await writeFile(join(made, 'SHA256SUMS'), `${lines.join('\n')}\n`);
  return lines;
}
