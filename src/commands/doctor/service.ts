/** What the systemd unit needs of the box, where it is installed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from './finding.ts';

/** As systemd looks for it: what `edge-cls install` wrote goes before what the Debian package brought. */
const units = [
  { unit: 'etc/systemd/system/edge-cls.service', mend: 'sudo edge-cls install' },
  { unit: 'usr/lib/systemd/system/edge-cls.service', mend: 'sudo systemd-sysusers edge-cls.conf' },
];

/** `root`: the root of the file system. Undefined where the service is not installed. */
export async function serviceFinding(root: string): Promise<Finding | undefined> {
  for (const { unit, mend } of units) {
    const text = await readFile(join(root, unit), 'utf8').catch(() => undefined);
    if (text !== undefined) return groupsFinding(text, { root, unit, mend });
  }
  return undefined;
}

async function groupsFinding(
  text: string,
  { root, unit, mend }: { root: string; unit: string; mend: string },
): Promise<Finding> {
  const wanted = (/^SupplementaryGroups=(.*)$/m.exec(text)?.[1] ?? '').split(/\s+/).filter(Boolean);
  const groups = new Set(
    (await readFile(join(root, 'etc/group'), 'utf8')).split('\n').map((line) => line.split(':')[0]),
  );
  const missing = wanted.filter((name) => !groups.has(name));
  return missing.length === 0
    ? { check: 'service', verdict: 'ok', says: `/${unit} is installed, and the groups that it names are there` }
    : {
        check: 'service',
        verdict: 'failed',
        says: `/${unit} needs the group ${missing.join(' and ')}, which is not there (it would end with 216/GROUP): ${mend}`,
      };
}
