import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const scripts = Object.keys(
  (JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')) as { scripts: object }).scripts,
);
/** Fault and tests of each line of the table. */
const faults = [...readFileSync(resolve(root, 'docs/reliability.md'), 'utf8').matchAll(/^\| (R\d+) .*\|(.*)\|$/gm)].map(
  ([, fault = '', tests = '']) => [fault, tests] as const,
);

describe('docs/reliability.md', () => {
  it('has a line for each of R1 to R31', () => {
    expect(faults.map(([fault]) => fault)).toEqual(Array.from({ length: 31 }, (_, i) => `R${i + 1}`));
  });

  it.each(faults)('%s names tests that there are', (_, tests) => {
    const named = [...tests.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) {
      const script = /^npm run (\S+)/.exec(name)?.[1];
      if (script !== undefined) expect(scripts).toContain(script);
      else
        expect(
          [`${name}.test.ts`, name].some((path) => existsSync(resolve(root, 'test', path))),
          name,
        ).toBe(true);
    }
  });
});
