import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A folder with links to the first photographs of each class. */
export function somePhotographs(from: string, to: string, perClass: number): string {
  for (const label of readdirSync(from)) {
    mkdirSync(join(to, label), { recursive: true });
    const there = new Set(readdirSync(join(to, label)));
    const names = readdirSync(join(from, label)).sort().slice(0, perClass);
    for (const name of names) if (!there.has(name)) symlinkSync(join(from, label, name), join(to, label, name));
  }
  return to;
}
