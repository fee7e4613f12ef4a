import { NEVER, of, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Turnstile, type Pass } from '../../src/pipeline/turnstile.ts';
import { virtualTime } from './marbles.ts';

const plenty = { total: 99, totalMs: 9999 };

describe('Turnstile', () => {
  it('should let one in for each that leaves, in the order in which they came', () => {
    const turnstile = new Turnstile({ ...plenty, perKey: 2 });
    const { inside, passes, enter } = visitors(turnstile);
    for (const name of ['a', 'b', 'c', 'd']) enter('host', name);
    expect(inside).toEqual(['a', 'b']);
    passes[1]?.leave();
    // Leaving twice frees no second place.
    passes[1]?.leave();
    expect(inside).toEqual(['a', 'b', 'c']);
  });

  it('should take who unsubscribes out of the line, or out of its place', () => {
    const { inside, enter } = visitors(new Turnstile({ ...plenty, perKey: 1 }));
    const [a, b] = ['a', 'b', 'c'].map((name) => enter('host', name));
    b?.unsubscribe();
    a?.unsubscribe();
    expect(inside).toEqual(['a', 'c']);
  });

  it('should give the place on when what is inside ends', () => {
    const turnstile = new Turnstile({ ...plenty, perKey: 1 });
    const { inside, enter } = visitors(turnstile);
    turnstile.enter('host', () => of('a')).subscribe((name) => inside.push(name));
    enter('host', 'b');
    expect(inside).toEqual(['a', 'b']);
  });

  it('should count each key by itself', () => {
    const { inside, enter } = visitors(new Turnstile({ ...plenty, perKey: 1 }));
    for (const key of ['north', 'south', 'north']) enter(key, key);
    expect(inside).toEqual(['north', 'south']);
  });

  it('should pass over who waits for a place of its key, and go on in order when one leaves', () => {
    const { inside, passes, enter } = visitors(new Turnstile({ perKey: 1, total: 2, totalMs: 9999 }));
    for (const [key, name] of ['ha', 'hb', 'ic', 'jd', 'ke'].map((text) => Array.from(text)))
      enter(key ?? '', name ?? '');
    expect(inside).toEqual(['a', 'c']);
    passes[1]?.leave();
    // b waits for its host still.
    expect(inside).toEqual(['a', 'c', 'd']);
    passes[0]?.leave();
    expect(inside).toEqual(['a', 'c', 'd', 'b']);
  });

  it('should count nobody among the total who has been in for long, but still for its key', () => {
    const time = virtualTime();
    time.run(({ cold, expectObservable }) => {
      const turnstile = new Turnstile({ perKey: 1, total: 1, totalMs: 9 }, time);
      const stay = (key: string, marbles: string): Observable<string> => turnstile.enter(key, () => cold(marbles));
      expectObservable(stay('north', '  a---|         ')).toBe('a---|');
      expectObservable(stay('south', '  b-------------')).toBe('----b');
      expectObservable(stay('south', '  c|            ')).toBe('-----');
      expectObservable(stay('west', '   d|            ')).toBe('-------------d|');
      expectObservable(stay('east', '   e|            ')).toBe('--------------e|');
    });
  });

  it('should not free a place of the total twice: after its time and at its end', () => {
    const time = virtualTime();
    time.run(({ cold, expectObservable }) => {
      const turnstile = new Turnstile({ perKey: 1, total: 1, totalMs: 2 }, time);
      const stay = (key: string, marbles: string): Observable<string> => turnstile.enter(key, () => cold(marbles));
      expectObservable(stay('a', 'a--|')).toBe('a--|');
      expectObservable(stay('b', 'b---')).toBe('--b-');
      expectObservable(stay('c', 'c---')).toBe('----c');
    });
  });

  it('should let more in when it gets more places', () => {
    const turnstile = new Turnstile({ ...plenty, perKey: 1 });
    const { inside, enter } = visitors(turnstile);
    for (const name of ['a', 'b']) enter('host', name);
    turnstile.places = { ...plenty, perKey: 2 };
    expect(inside).toEqual(['a', 'b']);
  });
});

/** Who stays until it is taken out. */
function visitors(turnstile: Turnstile) {
  const inside: string[] = [];
  const passes: Pass[] = [];
  const enter = (key: string, name: string) => {
    const stay$ = (pass: Pass) => {
      inside.push(name);
      passes.push(pass);
      return NEVER;
    };
    return turnstile.enter(key, stay$).subscribe();
  };
  return { inside, passes, enter };
}
