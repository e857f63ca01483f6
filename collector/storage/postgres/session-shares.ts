/** Sessions of several places: what they cost in each. One that has been in one place throughout is not in here. */
import { OTHER } from '../../catalog/values.ts';
import { namesOf, type PlaceShare } from '../../ledger/session-parts.ts';
import { SESSION_DIMENSIONS, SHARERS_MAX, type SharedSessions } from '../../ledger/sessions.ts';
import { type Sql, statement } from './connection.ts';
import { COSTS, costOf } from './session-rows.ts';
import { int, numberArray, quotedName, type Row } from './sql-text.ts';

const PLACES = statement(
  `SELECT o.session, ${[...COSTS.map((name) => `o.${name}`), ...SESSION_DIMENSIONS.map((name) => `d.${quotedName(name)}`)].join()}
   FROM unnest($1::int2[], $2::int8[]) AS w(slot, session) JOIN session_places o ON o.slot = w.slot AND o.session = w.session JOIN dims d ON d.id = o.dims
   ORDER BY o.session, o.dims`,
);

/** Of rows of sessions, by the session's number; those of one place are left out. */
export async function readPlaces(sql: Sql, rows: readonly Row[]): Promise<ReadonlyMap<number, readonly PlaceShare[]>> {
  const shared = rows.filter((row) => row.is_shared === true);
  if (shared.length === 0) return new Map();
  const keys = [numberArray(shared.map(({ slot }) => int(slot))), numberArray(shared.map(({ session }) => int(session)))];
  const places = (await sql.rows(PLACES, keys)).map((row) => ({ session: int(row.session), place: { ...namesOf(row), ...costOf(row) } }));
  const bySession = new Map<number, PlaceShare[]>();
  for (const { session, place } of places) bySession.getOrInsertComputed(session, () => []).push(place);
  return bySession;
}

const SHARED = statement(
  `WITH named AS MATERIALIZED (
     SELECT DISTINCT o.session, d."user" AS name FROM session_places o JOIN dims d ON d.id = o.dims WHERE d."user" NOT IN ('', $1)
   ), few AS MATERIALIZED (
     SELECT session, name FROM (SELECT session, name, count(*) OVER (PARTITION BY session) AS users FROM named) AS counted WHERE users <= ${SHARERS_MAX}
   )
   SELECT one.name AS first, other.name AS second, count(*) AS sessions FROM few one JOIN few other ON other.session = one.session AND one.name < other.name
   GROUP BY one.name, other.name ORDER BY sessions DESC, one.name, other.name LIMIT $2`,
);

/** See LedgerSnapshot.sharedSessions. */
export const readSharedSessions = async (sql: Sql, max: number): Promise<SharedSessions[]> =>
  (await sql.rows(SHARED, [OTHER, max])).map(({ first, second, sessions }) => ({ users: [String(first), String(second)], sessions: int(sessions) }));
