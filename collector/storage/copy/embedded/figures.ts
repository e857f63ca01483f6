/** What sessions of an embedded ledger came to, for a comparison with their copy. */
import type { DatabaseSync } from 'node:sqlite';
import { type Figures, SESSION_FIGURES } from '../ends.ts';
import { costsOf, rowsOf } from './rows.ts';

/** Sums of two parts each: one of many entries may be beyond 64 bits. */
const SESSIONS = `SELECT s.*, (SELECT count(*) FROM entries e WHERE e.session = s.id) AS entries,
  (SELECT sum(e.cost / 1000000) FROM entries e WHERE e.session = s.id) AS micros, (SELECT sum(e.cost % 1000000) FROM entries e WHERE e.session = s.id) AS rest
  FROM sessions s WHERE s.id IN (SELECT value FROM json_each(?))`;

export function readFigures(database: DatabaseSync, sessions: readonly number[]): Map<number, Figures> {
  return new Map(
    rowsOf(database, SESSIONS, JSON.stringify(sessions)).map((row) => {
      const reported = BigInt(String(row.micros ?? 0)) * 1_000_000n + BigInt(String(row.rest ?? 0));
      const columns = Object.fromEntries(SESSION_FIGURES.map((name) => [name, BigInt(String(row[name]))]));
      return [Number(row.id), { ...columns, ...costsOf(row), entries: BigInt(String(row.entries)), reported }];
    }),
  );
}
