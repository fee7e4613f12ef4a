/** The command line in this process: what it prints, and how it ends. */
import { vi } from 'vitest';
import { edgeCls } from '../../src/commands/program.ts';

export interface Captured {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function captured(...argv: string[]): Promise<Captured> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const spies = (
    [
      [process.stdout, stdout],
      [process.stderr, stderr],
    ] as const
  ).map(([stream, parts]) =>
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      parts.push(String(chunk));
      return true;
    }),
  );
  try {
    const exitCode = await edgeCls(argv);
    return { exitCode, stdout: stdout.join(''), stderr: stderr.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
