/** What sessions of a database came to, for a comparison with their copy. */
import { SOURCE_COSTS } from '../../../catalog/sources.ts';
import { bySlot } from '../../postgres/by-slot.ts';
import type { Sql } from '../../postgres/connection.ts';
import { bigint, numberArray } from '../../postgres/sql-text.ts';
import { type Figures, SESSION_FIGURES } from '../ends.ts';

const COLUMNS = [...SESSION_FIGURES, 'cost', ...SOURCE_COSTS];
const SESSIONS = `SELECT s.session, ${COLUMNS.map((name) => `s.${name}`).join()}, count(e.identity) AS entries, coalesce(sum(e.cost), 0) AS reported
  FROM sessions s LEFT JOIN entries e ON e.slot = s.slot AND e.part = s.part AND e.session = s.session
  WHERE s.slot = $1 AND s.session = ANY($2::int8[]) GROUP BY s.slot, s.session`;

export async function readFigures(sql: Sql, sessions: readonly number[], slots: number): Promise<Map<number, Figures>> {
  const figures = new Map<number, Figures>();
  for (const { slot, items } of bySlot(sessions, slots, (session) => session)) {
    for (const row of await sql.rows(SESSIONS, [slot, numberArray(items)])) {
      const names = [...COLUMNS, 'entries', 'reported'];
      figures.set(Number(row.session), Object.fromEntries(names.map((name) => [name, bigint(row[name])])));
    }
  }
  return figures;
}
