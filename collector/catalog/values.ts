/** Values of dimensions: as they are stored, as they are shown, and filters over them. */
import { DIMENSIONS, type DimensionName } from './measures.ts';

export interface Filter {
  readonly dimension: DimensionName;
  /** Any of these stored values ('' is "not known"). */
  readonly values: readonly string[];
}

/** Stands for the values beyond a limit. What a client itself calls so is stored in quotes, see apartFromOther. */
export const OTHER = '(other)';

const QUOTE = "'";
const QUOTE_CODE = QUOTE.charCodeAt(0);
const quoted = (text: string): string => `${QUOTE}${text}${QUOTE}`;

/** Is it this word, in any number of quotes? */
function isWordInQuotes(text: string, word: string): boolean {
  if (text === word) return true;
  return text.length > word.length + 1 && text.charCodeAt(0) === QUOTE_CODE && text.endsWith(QUOTE) && isWordInQuotes(text.slice(1, -1), word);
}

/**
 * What a view shows for a stored value. A client's own "unallocated" is shown in single quotes, so that it is not taken for what is
 * not known; one that came in quotes gets another pair. No two values look alike.
 */
export function showValue(name: DimensionName, value: string): string {
  const { absent } = DIMENSIONS[name];
  if (value === '') return absent;
  return isWordInQuotes(value, absent) ? quoted(value) : value;
}

/** The inverse of showValue, for filters that people type. A person is found in any capitalization of the address. */
export function storedValue(name: DimensionName, shown: string): string {
  const { absent } = DIMENSIONS[name];
  if (shown === absent) return '';
  const value = isWordInQuotes(shown, absent) ? shown.slice(1, -1) : shown;
  return name === 'user' ? normalizeUser(value) : value;
}

/** A value as a client sent it, kept apart from our own "(other)": that word gets a pair of quotes before it is stored. */
export const apartFromOther = (value: string): string => (isWordInQuotes(value, OTHER) ? quoted(value) : value);

/** Mail systems do not tell upper from lower case, so one person is one user. */
export const normalizeUser = (user: string): string => (user.includes('@') ? user.trim().toLowerCase() : user.trim());
