/** Results on standard output: lines for people, JSON for programs. */
export function print(json: true | undefined, value: unknown, lines: () => readonly string[]): void {
  const text = json === true ? JSON.stringify(value, null, 2) : lines().join('\n');
  process.stdout.write(`${text}\n`);
}
