/** CPython's random numbers, bit for bit, so that a seed gives Keras Tuner's trials. */

const wordCount = 624;
const middle = 397;

/** A stream of uniform random numbers. */
export interface RandomSource {
  /** The next number in [0, 1), of 53 bits. */
  random(): number;
}

/**
 * The generator of `random.Random(seed)` in CPython: MT19937 seeded by `init_by_array` with the
 * 32-bit words of |seed|, least first.
 *
 * `seed`: an integer, |seed| < 2^53. Throws `RangeError` for anything else.
 *
 * Reference: Matsumoto and Nishimura, mt19937ar.c; CPython Modules/_randommodule.c.
 */
export function pythonRandom(seed: number): RandomSource {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`The seed must be an integer, got ${seed}.`);
  const state = seedByArray(words(Math.abs(seed)));
  let position = wordCount;
  const nextWord = () => {
    if (position === wordCount) {
      regenerate(state);
      position = 0;
    }
    return temper(state[position++] ?? 0);
  };
  return {
    random() {
      const high = nextWord() >>> 5;
      const low = nextWord() >>> 6;
      return (high * 0x4000000 + low) / 0x20000000000000;
    },
  };
}

function words(value: number): number[] {
  const high = Math.floor(value / 0x100000000);
  return high === 0 ? [value] : [value >>> 0, high];
}

function seedByArray(key: readonly number[]): Uint32Array {
  const state = seedByNumber(19650218);
  const at = (index: number) => state[index] ?? 0;
  const mixed = (index: number, factor: number) =>
    at(index) ^ Math.imul(at(index - 1) ^ (at(index - 1) >>> 30), factor);
  let i = 1;
  const advance = () => {
    i++;
    if (i >= wordCount) {
      state[0] = at(wordCount - 1);
      i = 1;
    }
  };
  for (let k = 0; k < Math.max(wordCount, key.length); k++) {
    const j = k % key.length;
    state[i] = mixed(i, 1664525) + (key[j] ?? 0) + j;
    advance();
  }
  for (let k = 1; k < wordCount; k++) {
    state[i] = mixed(i, 1566083941) - i;
    advance();
  }
  state[0] = 0x80000000;
  return state;
}

function seedByNumber(seed: number): Uint32Array {
  const state = new Uint32Array(wordCount);
  state[0] = seed;
  for (let i = 1; i < wordCount; i++) {
    const before = state[i - 1] ?? 0;
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
  }
  return state;
}

function regenerate(state: Uint32Array): void {
  for (let i = 0; i < wordCount; i++) {
    const joined = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % wordCount] ?? 0) & 0x7fffffff);
    const twisted = (joined >>> 1) ^ ((joined & 1) === 0 ? 0 : 0x9908b0df);
    state[i] = (state[(i + middle) % wordCount] ?? 0) ^ twisted;
  }
}

function temper(word: number): number {
  let y = word;
  y ^= y >>> 11;
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >>> 18);
}
