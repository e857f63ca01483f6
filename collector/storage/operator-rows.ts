/** Where names of people are in the stores of budgets, alerts and gateways, and what becomes of them in a row. */
import type { Eraser, PrivacyEntry } from '../ledger/erasure.ts';

/** Columns with names in them; those under `data` are JSON. */
export const NAMED = {
  entries: { key: 'id', text: ['who', 'name', 'asker'], data: 'body' },
  alerts: { key: 'id', text: ['id'], data: 'body' },
  deliveries: { key: 'place', text: ['subject', 'error'], data: 'body' },
  gateway_limits: { key: 'id', text: ['who'], data: 'body' },
} as const;
export type NamedTable = keyof typeof NAMED;

export type Cell = string | number | null;

export interface NamedRow {
  readonly key: Cell;
  /** Columns of text in their order, then the data. */
  readonly cells: readonly (string | null)[];
}

export function namedRow(table: NamedTable, row: Readonly<Record<string, unknown>>): NamedRow {
  const { key, text, data } = NAMED[table];
  const textOf = (cell: unknown): string | null => (cell === null ? null : String(cell));
  return { key: row[key] as Cell, cells: [...text, data].map((column) => textOf(row[column])) }; // columns of text and a number
}

/** What stands in the row without the names; undefined where none is in it. */
export function renamed({ cells }: NamedRow, eraser: Eraser): readonly (string | null)[] | undefined {
  const after = cells.map((cell, index) => {
    if (cell === null) return null;
    return index === cells.length - 1 ? JSON.stringify(eraser.data(JSON.parse(cell))) : eraser.text(cell);
  });
  return cells.some((cell, index) => cell !== after[index]) ? after : undefined;
}

/** As it is exported: the data as what it says. */
export function shown(table: NamedTable, row: Readonly<Record<string, unknown>>): object {
  const { data } = NAMED[table];
  return { ...row, [data]: row[data] === null ? null : JSON.parse(String(row[data])) };
}

export const privacyEntryOf = ({ at_ms, who, what, subject }: Readonly<Record<string, unknown>>): PrivacyEntry => ({
  ...{ atMs: Number(at_ms), who: String(who), subject: String(subject) },
  what: what === 'erased' || what === 'merged' ? what : 'exported',
});
