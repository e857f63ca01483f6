/**
 * Exact amounts of money. One unit is 10^-12 USD (a pico-dollar), held in a bigint, so that every
 * price with up to six decimals per million tokens is a whole number of units for a single token.
 * Why this scale: docs/adr/0001-money-is-an-integer.md.
 */

/** An amount in pico-dollars: 1 USD = 10^12. */
export type PicoUsd = bigint;

export const PICO_PER_USD = 1_000_000_000_000n;

/** The largest amount one record may carry, in USD. A larger one is a broken or hostile sender. */
export const RECORD_USD_MAX = 1_000_000;

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** Below this, `usd * 1e12` is under 2^53 and rounds to the right integer without going through text. */
const FAST_USD_MAX = 9000;

/**
 * The wire edge: a JSON number, a protobuf double or a decimal string becomes exact here and nowhere else.
 * Rounds half up at the twelfth decimal. Returns undefined for what is not a finite amount in 0…RECORD_USD_MAX.
 */
export function fromWire(value: number | string): PicoUsd | undefined {
  if (typeof value === 'string') return withinRecord(parseUsd(value.trim()));
  if (!(value >= 0 && value <= RECORD_USD_MAX)) return undefined;
  if (value < FAST_USD_MAX) return BigInt(Math.round(value * 1e12));
  return parseUsd(String(value));
}

function withinRecord(amount: PicoUsd | undefined): PicoUsd | undefined {
  return amount !== undefined && amount >= 0n && amount <= BigInt(RECORD_USD_MAX) * PICO_PER_USD ? amount : undefined;
}

/** Reads a decimal string such as "0.005343" or "1e-6", in USD. Undefined when it is no number. */
export function parseUsd(text: string): PicoUsd | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const power = Number(exponent);
  if (whole.length + fraction.length > 40 || Math.abs(power) > 40) return undefined;
  const shift = 12 + power - fraction.length;
  const digits = BigInt(whole + fraction);
  const amount = shift >= 0 ? digits * 10n ** BigInt(shift) : divideHalfUp(digits, 10n ** BigInt(-shift));
  return sign === '-' ? -amount : amount;
}

function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend * 2n + divisor) / (divisor * 2n);
}

/** USD as a decimal string without an exponent and without needless zeros, at least two decimals: "0.00581775", "12.00". */
export function formatUsd(amount: PicoUsd): string {
  const magnitude = amount < 0n ? -amount : amount;
  const fraction = (magnitude % PICO_PER_USD).toString().padStart(12, '0').replace(/0+$/, '').padEnd(2, '0');
  return `${amount < 0n ? '-' : ''}${magnitude / PICO_PER_USD}.${fraction}`;
}

/** For people: dollars and cents with thousands separators, "$1,234.57"; under a cent four decimals, "$0.0058", or up to the first that is not zero. */
export function displayUsd(amount: PicoUsd): string {
  const magnitude = amount < 0n ? -amount : amount;
  const isUnderCent = magnitude !== 0n && magnitude < PICO_PER_USD / 100n;
  const decimals = isUnderCent ? Math.max(4, 13 - magnitude.toString().length) : 2;
  const unit = 10n ** BigInt(12 - decimals);
  const rounded = divideHalfUp(magnitude, unit)
    .toString()
    .padStart(decimals + 1, '0');
  const whole = rounded.slice(0, -decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amount < 0n ? '-' : ''}$${whole}.${rounded.slice(-decimals)}`;
}

/** The floating-point view that Prometheus needs. Nothing may be computed from it and booked again. */
export function toFloatUsd(amount: PicoUsd): number {
  return Number(amount) / 1e12;
}
