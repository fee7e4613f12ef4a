/** Nodes of GPUs and cameras below /dev: are there any, and may this user open them? */
import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from './finding.ts';

const kinds = [
  { check: 'gpu nodes', folder: 'dri', pattern: /^renderD\d+$/, group: 'render' },
  { check: 'gpu nodes', folder: '.', pattern: /^(nvidia\d+|nvidiactl|nvidia-uvm|dxg|mali\d*)$/, group: 'video' },
  { check: 'camera nodes', folder: '.', pattern: /^video\d+$/, group: 'video' },
] as const;

/** `root`: /dev, or what stands for it. Nothing where there are no nodes: then nothing needs to be opened. */
export async function deviceNodeFindings(root: string): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    kinds.map(async ({ check, folder, pattern, group }) => {
      const paths = (await entries(join(root, folder))).filter((name) => pattern.test(name));
      return Promise.all(paths.map(async (name) => nodeFinding(check, join(root, folder, name), group)));
    }),
  );
  return findings.flat();
}

async function nodeFinding(check: string, path: string, group: string): Promise<Finding> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
    return { check, verdict: 'ok', says: `${path} can be opened` };
  } catch {
    return {
      check,
      verdict: 'note',
      says: `${path} is there, but this user may not open it: sudo usermod --append --groups ${group} "$USER", then log in again`,
    };
  }
}

async function entries(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return [];
  }
}
