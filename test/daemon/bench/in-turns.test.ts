import { describe, expect, it } from 'vitest';
import { inTurns, type Contestant } from '../../../src/daemon/bench/in-turns.ts';

const course = { short: 'short', long: 'long' };
const frames = { short: 100, long: 300 };

/** One that takes a second to start. */
function contestant(
  name: string,
  said = (length: keyof typeof frames): number | undefined => frames[length],
): Contestant {
  return { name, line: (file) => `${name} ${file}`, frames: (stdout) => said(stdout as keyof typeof frames) };
}

/** By name: seconds for each frame, round after round. */
function costs(pace: Record<string, readonly number[]>, lines: string[] = []) {
  return (line: string) => {
    const [name, length] = line.split(' ') as [string, keyof typeof frames];
    const round = lines.filter((earlier) => earlier === line).length;
    lines.push(line);
    const seconds = 1 + frames[length] * (pace[name]?.[round] ?? NaN);
    return Promise.resolve({ seconds, coreSeconds: 2 * seconds, peakBytes: frames[length], stdout: length });
  };
}

describe('inTurns', () => {
  it('runs each in its turn, round after round', async () => {
    const lines: string[] = [];
    await inTurns(
      [contestant('ours'), contestant('theirs')],
      course,
      2,
      costs({ ours: [1, 1], theirs: [1, 1] }, lines),
    );
    const round = ['ours short', 'ours long', 'theirs short', 'theirs long'];
    expect(lines).toEqual([...round, ...round]);
  });

  it('tells rates without the start, and the ratio of each round', async () => {
    const pace = { ours: [0.01, 0.02, 0.03], theirs: [0.02, 0.02, 0.02] };
    const [ours, theirs] = await inTurns([contestant('ours'), contestant('theirs')], course, 3, costs(pace));
    expect(ours?.framesPerSecond).toBeCloseTo(50);
    expect(ours?.startSeconds).toBeCloseTo(1);
    expect(ours?.coreSecondsPerFrame).toBeCloseTo(0.04);
    expect(ours?.peakBytes).toBe(300);
    [2, 1, 2 / 3].forEach((ratio, round) => expect(theirs?.ratios[round]).toBeCloseTo(ratio));
    [0.5, 1, 1.5].forEach((ratio, round) => expect(theirs?.coreRatios[round]).toBeCloseTo(ratio));
  });

  it('believes one that says nothing, and refuses one that passes frames over', async () => {
    const pace = { ours: [0.01], theirs: [0.01] };
    const silent = contestant('theirs', () => undefined);
    const [, standing] = await inTurns([contestant('ours'), silent], course, 1, costs(pace));
    expect(standing?.framesPerSecond).toBeCloseTo(100);
    const hasty = contestant('theirs', (length) => frames[length] / 2);
    await expect(inTurns([contestant('ours'), hasty], course, 1, costs(pace))).rejects.toThrow(
      'theirs must classify 100 frames, it says 50: let it take every frame of the file',
    );
  });
});
