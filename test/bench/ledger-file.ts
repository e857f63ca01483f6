/** The ledger's file as the bench finds it in a server's data folder, and what takes space in it. */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { configSchema } from '../../collector/config/config.ts';
import { ledgerFileOf } from '../../collector/config/data-folder.ts';
import type { CalendarOptions } from '../../collector/core/calendar.ts';
import type { LedgerReader, LedgerSnapshot } from '../../collector/ledger/ledger.ts';
import { openReader } from '../../collector/storage/sqlite/ledger-reader.ts';
import { answering } from '../support/answering.ts';

/** That of an empty configuration. */
export const CALENDAR: CalendarOptions = { timeZone: 'UTC', weekStart: 'monday' };

export const ledgerFileIn = (data: string): string => ledgerFileOf(configSchema.parse({ data }));

export interface LedgerSize {
  readonly entries: number;
  readonly fileBytes: number;
  readonly entryBytes: number;
  readonly rollupBytes: number;
  readonly sessionBytes: number;
  readonly dimensionBytes: number;
}

/** Of a ledger nobody has open, so that everything is in the file itself. */
export function sizeOf(file: string): LedgerSize {
  const database = new DatabaseSync(file, { readOnly: true });
  const bytes = new Map<string, number>();
  // Indexes count with the table they belong to.
  const pages = database.prepare(
    `SELECT m.tbl_name AS name, SUM(s.pgsize) AS bytes FROM dbstat s JOIN sqlite_schema m ON m.name = s.name WHERE s.aggregate = 1 GROUP BY 1`,
  );
  for (const row of pages.all()) bytes.set(String(row.name), Number(row.bytes));
  const entries = Number(database.prepare('SELECT COUNT(*) AS entries FROM entries').get()?.entries);
  database.close();
  const of = (matches: (name: string) => boolean): number => [...bytes].reduce((sum, [name, size]) => sum + (matches(name) ? size : 0), 0);
  return {
    entries,
    fileBytes: statSync(file).size,
    entryBytes: of((name) => name === 'entries'),
    rollupBytes: of((name) => name.startsWith('rollup_')),
    sessionBytes: of((name) => name === 'sessions'),
    dimensionBytes: of((name) => name.startsWith('dim')),
  };
}

/** The reader of a ledger that was filled to the end of the day, as it would be read in the course of it. */
export function readAt(file: string, nowMs: number): LedgerReader {
  const reader = openReader({ file, ...CALENDAR });
  const asOfThen = (ledger: LedgerSnapshot) => ({ status: async () => ({ ...(await ledger.status()), asOfMs: nowMs }) });
  return answering(reader, { ...asOfThen(reader), snapshot: (read) => reader.snapshot((held) => read(answering(held, asOfThen(held)))) });
}
