/**
 * Links of sessions to days and people, by which pools find their neighbors: see collector/ledger/pools.ts. Several replicas must see each other's:
 * who adds a link locks its day and key, so that of two at once the second sees the first; a pool's neighbors are locked before they are read;
 * and who remembers a session that a new pool meets has to read it again, and with it which pools there are.
 */
import { ANYBODY, type Link, type Meeting, meetingsMax, REALM_MARK } from '../../ledger/pools.ts';
import { bySlot } from './by-slot.ts';
import { type Sql, statement } from './connection.ts';
import type { KnownSessions } from './known-sessions.ts';
import type { LockHints } from './lock-hints.ts';
import type { SessionsTable } from './sessions.ts';
import { booleanArray, int, numberArray, textArray } from './sql-text.ts';

/** Keys of everybody's realm. */
const OPEN = (key: string): string => `left(${key}, 1) <> '${REALM_MARK}'`;
/** Under which keys of sessions a pool with this one meets them; a pool of anybody's meets all of everybody's realm. */
const KEYS_OF = (key: string): string => `ARRAY[${key}, CASE WHEN ${OPEN(key)} THEN '' ELSE ${key} END]`;
const meeting = (pools: string): string =>
  `SELECT p.session AS pool, p.day, p.key AS pool_key, m.session, m.key FROM ${pools} CROSS JOIN LATERAL (
     SELECT l.session, l.key FROM session_links l WHERE l.day = p.day AND NOT l.is_pool AND l.key = ANY(${KEYS_OF('p.key')}) LIMIT $2
   ) m WHERE p.key <> ''
   UNION ALL
   SELECT p.session, p.day, p.key, m.session, m.key FROM ${pools} CROSS JOIN LATERAL (
     SELECT l.session, l.key FROM session_links l WHERE l.day = p.day AND NOT l.is_pool AND ${OPEN('l.key')} LIMIT $2
   ) m WHERE p.key = ''`;

const POOLS_ON = statement('SELECT day, key, session FROM session_links WHERE day = ANY($1::int4[]) AND is_pool');
const IDS = statement('SELECT session, session_id FROM sessions WHERE slot = $1 AND session = ANY($2::int8[])');
const OPEN_DAY = statement(`INSERT INTO link_days (day, key) VALUES ($1, '') ON CONFLICT DO NOTHING`);
/** Whoever adds a link that anybody's could meet shares the lock of that key. */
const ADD = statement(
  `WITH shared AS MATERIALIZED (SELECT key FROM link_days WHERE day = $1 AND key = '' AND $2 FOR SHARE),
   own AS (
     INSERT INTO link_days (day, key) SELECT $1::int4, w.key FROM unnest($3::text[]) AS w(key) ON CONFLICT (day, key) DO UPDATE SET key = excluded.key RETURNING key
   ),
   made AS (
     INSERT INTO session_links (day, is_pool, key, session) SELECT $1::int4, w.is_pool, w.key, w.session
     FROM unnest($4::bool[], $5::text[], $6::int8[]) AS w(is_pool, key, session) ON CONFLICT DO NOTHING RETURNING is_pool, key, session
   )
   SELECT is_pool, key, session FROM made WHERE (SELECT count(*) FROM shared) + (SELECT count(*) FROM own) > 0`,
);
const MET = statement(meeting('unnest($1::int8[], $3::int4[], $4::text[]) AS p(session, day, key)'));
const MEETINGS = statement(meeting('(SELECT session, day, key FROM session_links WHERE session = ANY($1::int8[]) AND is_pool) p'));
const OF = statement('SELECT session, is_pool, day, key FROM session_links WHERE session = ANY($1::int8[])');
const REMOVE = statement('DELETE FROM session_links WHERE session = ANY($1::int8[])');
/** Sessions that share a day and a key with a pool that still has entries. */
const NEEDED = statement(
  ['p.key = l.key', `p.key = '' AND ${OPEN('l.key')}`, `l.key = '' AND ${OPEN('p.key')}`]
    .map(
      (condition) => `SELECT l.session FROM session_links l WHERE l.session = ANY($1::int8[]) AND NOT l.is_pool
        AND EXISTS (SELECT 1 FROM session_links p WHERE p.day = l.day AND p.is_pool AND ${condition})`,
    )
    .join(' UNION '),
);

/** With whom each of these pools shares a day and a key. None of a session that is no pool. */
export async function readMeetings(sql: Sql, pools: readonly number[], linkMax: number): Promise<Map<number, Meeting[]>> {
  const found = new Map<number, Meeting[]>(pools.map((pool) => [pool, []]));
  for (const { pool, day, pool_key, session, key } of await sql.rows(MEETINGS, [numberArray(pools), linkMax])) {
    found.get(int(pool))?.push({ session: int(session), day: int(day), key: String(key), poolKey: String(pool_key) });
  }
  return found;
}

export class LinksTable {
  readonly #sql: Sql;
  readonly #slots: number;
  readonly #sessions: SessionsTable;
  readonly #days: Set<number>;
  readonly #hints: LockHints;

  constructor(sql: Sql, slots: number, sessions: SessionsTable, { days, hints }: KnownSessions) {
    this.#sql = sql;
    this.#slots = slots;
    this.#sessions = sessions;
    this.#days = days;
    this.#hints = hints;
  }

  async poolsOn(days: readonly number[]): Promise<(Link & { readonly sessionId: string })[]> {
    const rows = await this.#sql.rows(POOLS_ON, [numberArray(days)]);
    const pools = rows.map(({ day, key, session }) => ({ day: int(day), isPool: true, key: String(key), session: int(session) }));
    const ids = new Map<number, string>();
    for (const { slot, items } of bySlot([...new Set(pools.map(({ session }) => session))], this.#slots, (session) => session)) {
      for (const { session, session_id } of await this.#sql.rows(IDS, [slot, numberArray(items)])) ids.set(int(session), String(session_id));
    }
    return pools.flatMap((pool) => {
      const sessionId = ids.get(pool.session);
      return sessionId === undefined ? [] : [{ ...pool, sessionId }];
    });
  }

  /** Answers those that were not there. */
  async add(links: readonly Link[]): Promise<Link[]> {
    const made: Link[] = [];
    const byDay = Map.groupBy(links, ({ day }) => day);
    for (const day of [...byDay.keys()].sort((a, b) => a - b)) made.push(...(await this.#addOn(day, byDay.get(day) ?? [])));
    const pools = made.filter(({ isPool }) => isPool);
    if (pools.length > 0) await this.#meetNew(pools);
    return made;
  }

  async of(sessions: readonly number[]): Promise<Link[]> {
    const rows = await this.#sql.rows(OF, [numberArray(sessions)]);
    return rows.map((row) => ({ session: int(row.session), isPool: row.is_pool === true, day: int(row.day), key: String(row.key) }));
  }

  /** Whom they meet is locked: nobody changes what is read of them now. */
  async meetings(pools: readonly number[], linkMax: number): Promise<Map<number, Meeting[]>> {
    const found = await readMeetings(this.#sql, pools, linkMax);
    for (const [pool, met] of found) this.#hints.meet(pool, new Set(met.map(({ session }) => session)));
    await this.#sessions.lockAlso([...found.values()].flat().map(({ session }) => session));
    return found;
  }

  async removeOf(sessions: readonly number[]): Promise<void> {
    await this.#sql.run(REMOVE, [numberArray(sessions)]);
  }

  async needed(sessions: readonly number[]): Promise<Set<number>> {
    return new Set((await this.#sql.rows(NEEDED, [numberArray(sessions)])).map(({ session }) => int(session)));
  }

  async #addOn(day: number, links: readonly Link[]): Promise<Link[]> {
    if (!this.#days.has(day)) {
      await this.#sql.run(OPEN_DAY, [day]);
      this.#days.add(day);
    }
    const keys = [...new Set(links.map(({ key }) => key))].sort();
    const isShared = !keys.includes(ANYBODY) && keys.some((key) => !key.startsWith(REALM_MARK));
    const rows = await this.#sql.rows(ADD, [
      ...[day, isShared, textArray(keys), booleanArray(links.map(({ isPool }) => isPool))],
      ...[textArray(links.map(({ key }) => key)), numberArray(links.map(({ session }) => session))],
    ]);
    return rows.map(({ is_pool, key, session }) => ({ session: int(session), isPool: is_pool === true, day, key: String(key) }));
  }

  /** Of a pool that meets more, no more than these has to be known: it is held back. */
  async #meetNew(pools: readonly Link[]): Promise<void> {
    const [days, keys] = [numberArray(pools.map(({ day }) => day)), textArray(pools.map(({ key }) => key))];
    const rows = await this.#sql.rows(MET, [numberArray(pools.map(({ session }) => session)), meetingsMax(0), days, keys]);
    const met = [...new Set(rows.map(({ session }) => int(session)))];
    await this.#sessions.lockAlso(met);
    await this.#sessions.raise(met);
  }
}
