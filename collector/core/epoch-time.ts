/** Times since the epoch as senders write them: in nanoseconds, as OTLP asks, but also in micro-, milli- or plain seconds. */

/** From here on a number counts nanoseconds: those of 1973, and microseconds of the year 5138. */
const NANOSECONDS_MIN = 1e17;
const MICROSECONDS_MIN = 1e14;
const MILLISECONDS_MIN = 1e11;
/** Fewer seconds are no date but an uptime, or nothing. */
const SECONDS_MIN = 1e8;

const DIGITS = /^\d{1,20}$/;
const DECIMAL = /^\d{1,20}(\.\d+)?([eE]\+?\d{1,2})?$/;
const NANOSECOND_DIGITS_MIN = 18;

/** Whole milliseconds since the epoch, in whichever unit `value` counts; 0 for what is no date. */
export function toEpochMs(value: number): number {
  if (value >= NANOSECONDS_MIN) return Number.isFinite(value) ? Math.floor(value / 1e6) : 0;
  if (value >= MICROSECONDS_MIN) return Math.floor(value / 1e3);
  if (value >= MILLISECONDS_MIN) return Math.floor(value);
  return value >= SECONDS_MIN ? Math.floor(value * 1e3) : 0;
}

/** The same of digits, which hold nanoseconds exactly where a double does not. Undefined for what is no number. */
export function parseEpochMs(text: string): number | undefined {
  if (DIGITS.test(text)) {
    const digits = text.replace(/^0+/, '');
    return digits.length >= NANOSECOND_DIGITS_MIN ? Number(digits.slice(0, -6)) : toEpochMs(Number(digits));
  }
  return DECIMAL.test(text) ? toEpochMs(Number(text)) : undefined;
}
