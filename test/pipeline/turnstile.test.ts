import { defer, NEVER, of, type Subscription } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { Turnstile, type Pass } from '../../src/pipeline/turnstile.ts';

describe('Turnstile', () => {
  let inside: string[];
  beforeEach(() => {
    inside = [];
  });

  function enter(turnstile: Turnstile, key: string, name: string): Subscription {
    return turnstile.enter(key, () => defer(() => (inside.push(name), NEVER))).subscribe();
  }

  it('should let one in for each that leaves, in the order in which they came', () => {
    const turnstile = new Turnstile(2);
    const passes: Pass[] = [];
    for (const name of ['a', 'b', 'c', 'd']) {
      const stay$ = (pass: Pass) => {
        inside.push(name);
        passes.push(pass);
        return NEVER;
      };
      turnstile.enter('host', stay$).subscribe();
    }
    expect(inside).toEqual(['a', 'b']);
    passes[1]?.leave();
    // Leaving twice frees no second place.
    passes[1]?.leave();
    expect(inside).toEqual(['a', 'b', 'c']);
  });

  it('should take who unsubscribes out of the line, or out of its place', () => {
    const turnstile = new Turnstile(1);
    const [a, b] = ['a', 'b', 'c'].map((name) => enter(turnstile, 'host', name));
    b?.unsubscribe();
    a?.unsubscribe();
    expect(inside).toEqual(['a', 'c']);
  });

  it('should give the place on when what is inside ends', () => {
    const turnstile = new Turnstile(1);
    turnstile.enter('host', () => of('a')).subscribe((name) => inside.push(name));
    enter(turnstile, 'host', 'b');
    expect(inside).toEqual(['a', 'b']);
  });

  it('should count each key by itself', () => {
    const turnstile = new Turnstile(1);
    for (const key of ['north', 'south', 'north']) enter(turnstile, key, key);
    expect(inside).toEqual(['north', 'south']);
  });
});
