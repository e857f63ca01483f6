/** Numbers that look drawn and are the same every time: a forecast moves only when the ledger or the question does. */

/** Whole numbers below a bound. */
export type Below = (bound: number) => number;

const SEED = 20_261_129;
/** Looked up once, not for each of up to fifty million numbers. */
const { floor, imul } = Math;

/**
 * Of one purpose in one future (mulberry32, seeded by both). Purposes do not share a stream: one user more to plan for draws one number more, and
 * changes none of the others.
 */
export function stream(future: number, purpose: number): Below {
  let state = mixed(mixed(SEED + future) + purpose);
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/** Spreads neighboring seeds over all 32 bits (the finalizer of MurmurHash3). */
function mixed(seed: number): number {
  let bits = seed | 0;
  bits = imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
