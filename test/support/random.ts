export interface Dice {
  next(): number;
  below(count: number): number;
  pick<T>(choices: readonly T[]): T;
}

/** Numbers that look random and are the same for the same seed (mulberry32, Tommy Ettinger, public domain). */
export function random(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (count: number): number => Math.floor(next() * count);
  return { next, below, pick: (choices) => choices[below(choices.length)] as (typeof choices)[number] };
}
