/** Values of dimensions: as they are stored, as they are shown, and filters over them. */
import { DIMENSIONS, type DimensionName } from './measures.ts';

export interface Filter {
  readonly dimension: DimensionName;
  /** Any of these stored values ('' is "not known"). */
  readonly values: readonly string[];
}

/** What a view shows for a stored value. */
export const showValue = (name: DimensionName, value: string): string => (value === '' ? DIMENSIONS[name].absent : value);

/** The inverse of showValue, for filters that people type. A person is found in any capitalization of the address. */
export function storedValue(name: DimensionName, shown: string): string {
  if (shown === DIMENSIONS[name].absent) return '';
  return name === 'user' ? normalizeUser(shown) : shown;
}

/** Mail systems do not tell upper from lower case, so one person is one user. */
export const normalizeUser = (user: string): string => (user.includes('@') ? user.trim().toLowerCase() : user.trim());
