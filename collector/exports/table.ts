/** What an export is made of: columns of few types, and rows that come page by page. */

/**
 * - `text`: a name, as it is.
 * - `json`: an object, as JSON.
 * - `instant`: epoch milliseconds; written with milliseconds, as REST does. `second`: the same, written without them.
 * - `usd`: pico-dollars. `quantity`: millionths. Both exact.
 * - `count`: a whole number.
 */
export type ColumnType = 'text' | 'json' | 'instant' | 'second' | 'usd' | 'quantity' | 'count';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Has a cell in every row. Default: may be null. */
  readonly isRequired?: true;
}

/** string for text and json, number for instants, bigint for the others. */
export type Cell = string | number | bigint | null;

/** Cells in the order of the columns. */
export type TableRow = readonly Cell[];

export interface Table {
  readonly columns: readonly Column[];
  readonly pages: AsyncIterable<readonly TableRow[]>;
}

/** Decimal places of the types that have any. */
export const SCALES = { usd: 12, quantity: 6 } as const;
