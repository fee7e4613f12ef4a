/** Results on standard output: lines for people, JSON for programs. Words of files must not steer a terminal. */
import { plainJson, plainLines } from '../output/terminal-text.ts';

export function print(json: true | undefined, value: unknown, lines: () => readonly string[]): void {
  const text = json === true ? plainJson(JSON.stringify(value, null, 2)) : plainLines(lines().join('\n'));
  process.stdout.write(`${text}\n`);
}
