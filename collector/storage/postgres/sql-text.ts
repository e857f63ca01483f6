/** Values on their way into PostgreSQL and out of it. Integers beyond 32 bits and numerics come as text, so that none is ever a float. */

export type Row = Readonly<Record<string, unknown>>;

/** PostgreSQL's text holds neither U+0000 nor half of a surrogate pair. Before anything is hashed or stored, so that both stores count alike. */
export const storable = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text).toWellFormed();

/** Of int8 or numeric; 0 where there is none. */
export const bigint = (value: unknown): bigint => (value === null || value === undefined ? 0n : BigInt(String(value)));

/** Of int8 within 53 bits: keys, instants, small counts. */
export const int = (value: unknown): number => Number(value ?? 0);

/** The same where absent is not 0. */
export const intOrNone = (value: unknown): number | undefined => (value === null || value === undefined ? undefined : Number(value));

export const textOrNone = (value: unknown): string | undefined => (value === null || value === undefined ? undefined : String(value));

/** Array literals, joined by hand: the driver would escape each number, too. */
export const numberArray = (values: readonly (number | bigint | undefined)[]): string =>
  `{${values.map((value) => (value === undefined ? 'NULL' : String(value))).join()}}`;

export const booleanArray = (values: readonly boolean[]): string => `{${values.map((value) => (value ? 't' : 'f')).join()}}`;

export const textArray = (values: readonly (string | undefined)[]): string =>
  `{${values.map((value) => (value === undefined ? 'NULL' : quoted(value))).join()}}`;

const quoted = (value: string): string => `"${/["\\]/.test(value) ? value.replaceAll(/["\\]/g, '\\$&') : value}"`;

/** Of a column, such as "user", which alone would be the role that asks. */
export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Says of a joined column once more, without the join, which numbers are asked for. A plan that was made while a table was empty stays in use
 * until its statistics are made, and reads all rows of a slot for each that is asked for, unless the index is given these.
 */
export const askedFor = (column: string, parameter: string): string => `${column} = ANY(${parameter}::int8[])`;
