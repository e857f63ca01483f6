/** Reading attributes leniently: every client version writes some numbers as strings, and "" means nothing. */
import { apartFromOther } from '../../catalog/values.ts';
import type { Attributes, AttributeValue } from '../attribution/claims.ts';

/** Longer names are cut: a dimension is a name, not a text. */
export const LABEL_CHARACTERS_MAX = 200;
/**
 * The largest count, token number or duration (ms) that one event may carry: a thousand times the largest context window, and 11 days.
 * A larger one is a broken or hostile sender. See docs/operations.md.
 */
export const EVENT_COUNT_MAX = 1e9;
/** The same for a data point, which may be the running total of a session that goes on for months. */
export const POINT_COUNT_MAX = 1e11;

const CONTROL = /[\p{Cc}\p{Cs}\u2028\u2029]/gu;
const PLAIN = /^[\x20-\x7e]*$/;

/** Older clients write a missing value as the text "undefined", others as that of their own language's nothing. */
export const isAbsent = (value: AttributeValue | undefined): value is undefined | '' | 'undefined' | 'null' | 'NaN' =>
  value === undefined || value === '' || value === 'undefined' || value === 'null' || value === 'NaN';

/** A value as the name of something, or undefined when there is none. */
export function readLabel(attributes: Attributes, key: string): string | undefined {
  const value = attributes.get(key);
  return isAbsent(value) ? undefined : toLabel(value);
}

export function toLabel(value: AttributeValue): string | undefined {
  const text = typeof value === 'string' ? value.trim() : String(value);
  if (text === '') return undefined;
  const cut = text.length > LABEL_CHARACTERS_MAX ? text.slice(0, LABEL_CHARACTERS_MAX) : text;
  return apartFromOther(PLAIN.test(cut) ? cut : cut.replace(CONTROL, ' ').trim()) || undefined;
}

/** A number of things, rounded; of an event; undefined when absent; NaN when it is no count in 0…EVENT_COUNT_MAX. */
export function readCount(attributes: Attributes, key: string): number | undefined {
  const value = attributes.get(key);
  return isAbsent(value) ? undefined : toCount(value, EVENT_COUNT_MAX);
}

/** NaN when it is no count in 0…max. */
export function toCount(value: AttributeValue, max: number): number {
  const number = typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return number >= 0 && number <= max ? Math.round(number) : Number.NaN;
}

/** A count that nothing depends on, such as a duration: what is not readable is left out instead of losing the record. */
export function readOptionalCount(attributes: Attributes, key: string): number | undefined {
  const count = readCount(attributes, key);
  return count === undefined || Number.isNaN(count) ? undefined : count;
}

/** True and "true"; false for everything else that is present; undefined when absent. */
export function readFlag(attributes: Attributes, key: string): boolean | undefined {
  const value = attributes.get(key);
  if (isAbsent(value)) return undefined;
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

/** A value for an error message: short, on one line, and never more than a glimpse. */
export function glimpse(value: AttributeValue | undefined): string {
  const text = String(value).replace(CONTROL, ' ');
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
