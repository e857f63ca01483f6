import { quotedName } from './sql-text.ts';

/** Statistics of the planner keep examples of values, also of rows that are gone: none are made of what may name users. */
export const withoutStatistics = (table: string, columns: readonly string[]): string =>
  `ALTER TABLE ${table} ${columns.map((column) => `ALTER COLUMN ${quotedName(column)} SET STATISTICS 0`).join()}`;
