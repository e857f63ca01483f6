/** When two amounts are one. The client adds up doubles and reports one; what it means is the nearest whole number of pico-dollars. */
import type { PicoUsd } from '../../core/money.ts';

/** 10^-9 USD: the price of a tenth of the cheapest token there is. */
const CLOSE = 1_000n;
/** Of a sum of a few doubles, at 2^-52 each, with what remains rounded at either end. */
const DOUBLE = 10n ** 15n;

const distance = (one: PicoUsd, other: PicoUsd): bigint => (one < other ? other - one : one - other);

/** For an amount that is expected beforehand. */
export const agrees = (reported: PicoUsd, expected: PicoUsd): boolean => distance(reported, expected) <= CLOSE;

/** For one out of many that might have been: no more than a double loses. */
export const isExactly = (reported: PicoUsd, expected: PicoUsd): boolean => distance(reported, expected) <= 1n + reported / DOUBLE;

/** Is `part` of an amount such as `reported` a whole multiple of `unit`? Undefined where it is not, or negative. */
export function multipleOf(part: PicoUsd, unit: bigint, reported: PicoUsd): bigint | undefined {
  const times = (part + unit / 2n) / unit;
  return times >= 0n && isExactly(reported, reported - part + times * unit) ? times : undefined;
}
