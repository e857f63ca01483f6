import { DatabaseSync } from 'node:sqlite';
import { Calendar } from '../../collector/core/calendar.ts';
import { Coarsening } from '../../collector/ledger/quarter-sums.ts';
import { COARSE } from '../../collector/ledger/rollups.ts';
import { StateTable } from '../../collector/storage/sqlite/counters.ts';
import { DimsTable } from '../../collector/storage/sqlite/dimension-sets.ts';
import { addCoarse } from '../../collector/storage/sqlite/rollup-rebuild.ts';
import { transaction } from '../../collector/storage/sqlite/schema.ts';
import { CALENDAR } from './engine-in-memory.ts';

const AS_VERSION_12 = `
  ALTER TABLE entries RENAME TO by_arrival;
  CREATE TABLE entries (
    session INTEGER NOT NULL, identity TEXT NOT NULL, time_ms INTEGER NOT NULL, flags INTEGER NOT NULL, dims INTEGER NOT NULL,
    cost INTEGER NOT NULL, list_cost INTEGER NOT NULL, amounts TEXT NOT NULL, series TEXT, start_ms INTEGER, sequence INTEGER,
    held_back INTEGER NOT NULL DEFAULT 0, request TEXT, PRIMARY KEY (session, identity)
  ) WITHOUT ROWID;
  INSERT INTO entries SELECT session, identity, time_ms, flags, dims, cost, list_cost, amounts, series, start_ms, sequence, held_back, request FROM by_arrival;
  DROP TABLE by_arrival;
  CREATE UNIQUE INDEX dims_key ON dims (key);
  PRAGMA user_version = 12;`;

/** These were filled with every export then, the other coarse ones were not. */
const COMPLETE = new Set(['rollup_day_team', 'rollup_total_person', 'rollup_month_person', 'rollup_day_person']);

/** Takes away from a ledger that nobody has open what came with version 13: the order of arrival, keys apart, and coarse roll-ups that are filled later. */
export function beforeOrderOfArrival(file: string): void {
  using database = new DatabaseSync(file);
  transaction(database, () => {
    const coarsening = new Coarsening(new Calendar(CALENDAR), new DimsTable(database, () => undefined));
    const rolledUp = new StateTable(database).watermark();
    const complete = COARSE.filter(({ table }) => COMPLETE.has(table));
    addCoarse(database, coarsening, complete, rolledUp, { bucket: Number.MAX_SAFE_INTEGER, dims: 0 });
    database.exec(`DROP INDEX entries_by_session; DROP TABLE dims_by_key; DELETE FROM state WHERE name = 'dims_indexed'`);
  });
}

/** Makes a ledger of today one of version 12. */
export function toVersion12(file: string): void {
  beforeOrderOfArrival(file);
  using database = new DatabaseSync(file);
  database.exec(AS_VERSION_12);
}
