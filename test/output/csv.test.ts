import { describe, expect, it } from 'vitest';
import type { StateEvent } from '../../src/domain/event.ts';
import { csvRows } from '../../src/output/csv.ts';

function setUp() {
  const lines: string[] = [];
  const subscriber = csvRows((line) => lines.push(line));
  const told = (event: Partial<StateEvent>) =>
    subscriber({
      type: 'event',
      stream: 'door',
      event: { stream: 'door', sequence: 0, label: 'cup', ...event } as StateEvent,
    });
  const picture = (file: string, label = 'cup') =>
    subscriber({ type: 'picture', stream: 'shelf', position: 0, picture: { file, label, probability: 0.1 + 0.2 } });
  return { lines, told, picture };
}

describe('csvRows', () => {
  it('should have a row for each time that a label was there, when it is over', () => {
    const { lines, told } = setUp();
    told({ kind: 'onset', probability: 0.412, presentationSeconds: 2.5, sinceSeconds: 2 });
    told({ kind: 'onset', label: 'cat', probability: 0.9, presentationSeconds: 3 });
    expect(lines).toEqual(['stream,file,label,probability,from_seconds,to_seconds\n']);
    told({ kind: 'offset', probability: 0.1, presentationSeconds: 6, sinceSeconds: 5.5, durationSeconds: 3.5 });
    told({ kind: 'offset', label: 'cat', probability: 0.9, presentationSeconds: 7, durationSeconds: 4, final: true });
    expect(lines.slice(1)).toEqual(['door,,cup,0.412,2,5.5\n', 'door,,cat,0.9,3,7\n']);
  });

  it('should have a row for each picture, at once', () => {
    const { lines, picture } = setUp();
    picture('/shelf/1.jpg');
    expect(lines.slice(1)).toEqual(['shelf,/shelf/1.jpg,cup,0.3,,\n']);
  });

  it('should quote what would be read as something else', () => {
    const { lines, picture } = setUp();
    picture('/a "b",\nc.jpg', 'cup, saucer');
    expect(lines[1]).toBe('shelf,"/a ""b"",\nc.jpg","cup, saucer",0.3,,\n');
  });
});
