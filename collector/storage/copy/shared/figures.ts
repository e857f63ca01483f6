/** What sessions of a database came to, for a comparison with their copy. */
import { SOURCE_COSTS } from '../../../catalog/sources.ts';
import { bySlot } from '../../postgres/by-slot.ts';
import type { Sql } from '../../postgres/connection.ts';
import { bigint, numberArray, quotedName } from '../../postgres/sql-text.ts';
import { type Cells, ENTRY_OPTIONS, ENTRY_SUMS, ENTRY_TEXTS, type Figures, ofEntries, SESSION_FIGURES } from '../ends.ts';
import { linkFigures } from '../link-figures.ts';

/** By figure. */
const TERMS: readonly (readonly [name: string, sql: string])[] = [
  ...[...SESSION_FIGURES, 'cost', ...SOURCE_COSTS].map((name) => [name, `s.${name}`] as const),
  ['entries', 'count(e.identity)'],
  ...ENTRY_SUMS.map((name) => [ofEntries(name), `sum(e.${name})`] as const),
  ...ENTRY_TEXTS.map((name) => [ofEntries(name), `sum(length(e.${name}))`] as const),
  ...ENTRY_OPTIONS.map((name) => [ofEntries(name), `count(e.${name})`] as const),
  ['removal', '(SELECT r.before_ms FROM removals r WHERE r.slot = s.slot AND r.session = s.session)'],
];
const LINKS = 'SELECT day, is_pool, key, session FROM session_links WHERE session = ANY($1::int8[])';
const SESSIONS = `SELECT s.session, ${TERMS.map(([name, sql]) => `${sql} AS ${quotedName(name)}`).join()}
  FROM sessions s LEFT JOIN entries e ON e.slot = s.slot AND e.part = s.part AND e.session = s.session
  WHERE s.slot = $1 AND s.session = ANY($2::int8[]) GROUP BY s.slot, s.session`;

export async function readFigures(sql: Sql, sessions: readonly number[], slots: number): Promise<Map<number, Figures>> {
  const figures = new Map<number, Figures>();
  const links = linkFigures((await sql.rows(LINKS, [numberArray(sessions)])) as readonly Cells[]);
  for (const { slot, items } of bySlot(sessions, slots, (session) => session)) {
    for (const row of await sql.rows(SESSIONS, [slot, numberArray(items)])) {
      const session = Number(row.session);
      figures.set(session, { ...Object.fromEntries(TERMS.map(([name]) => [name, bigint(row[name])])), ...links(session) });
    }
  }
  return figures;
}
