/** Lists that the boards ask for beside queries: sessions, senders, people, minutes, gaps. */
import { HOUR_MS, MINUTE_MS } from '../../core/duration.ts';
import { ADJUSTMENT_MARK } from '../../ledger/adjustments.ts';
import type { MinuteRate, Person, SequenceGaps } from '../../ledger/ledger.ts';
import { BandCounts, isOver, mostExpensive } from '../../ledger/session-lists.ts';
import { partOf } from '../../ledger/session-parts.ts';
import type {
  Sender,
  SessionBand,
  SessionBandsQuery,
  SessionCountQuery,
  SessionOrder,
  SessionPlace,
  SessionSummary,
  SessionsQuery,
  Within,
} from '../../ledger/sessions.ts';
import { gapsOf, minuteRateOf, personOf, senderOf } from '../answer-rows.ts';
import { all, type Condition, EVERYTHING, instant, numbered, plain, valuesOf } from './conditions.ts';
import type { Sql } from './connection.ts';
import { BY_COST, type SessionLookups, SUMMARY, sessionsInside, since, summaryOf } from './session-rows.ts';
import { readPlaces } from './session-shares.ts';
import { int, type Row, storable } from './sql-text.ts';

const ORDERS: Readonly<Record<SessionOrder, string>> = {
  // The hour first, so that the index gives the newest without sorting all.
  last_seen: 's.last_hour DESC, s.last_ms DESC, s.session_id',
  cost: BY_COST,
  duration: 's.last_ms - s.first_ms DESC, s.last_ms DESC, s.session_id',
};
const NO_ORDER = 's.session';
/** Of a session that is not of adjustments alone. */
const HAS_RECORDS: Condition = plain(`left(s.first_identity, 1) <> '${ADJUSTMENT_MARK}'`);

type ListQuery = Omit<SessionsQuery, 'limit' | 'order'>;

export class Listing {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async sessions({ limit, order = 'last_seen', ...query }: SessionsQuery): Promise<SessionSummary[]> {
    const { where = [], within = [], after } = query;
    const found = chosenBy(query, after === undefined ? EVERYTHING : behind(order, after));
    // Of a shared session a part may be inside, and cost less than the session by which the database orders.
    if (order !== 'cost' || where.length + within.length === 0) return this.#list(query, found.all, ORDERS[order], limit);
    const whole = await this.#list(query, found.ofOne, ORDERS[order], limit);
    return mostExpensive(whole, await this.#parts(query), { after, limit });
  }

  /** What is inside of all shared sessions, where filters leave out others. */
  #parts(query: ListQuery): Promise<SessionSummary[]> {
    return this.#list(query, chosenBy(query, EVERYTHING).ofSeveral, NO_ORDER);
  }

  /** Without a limit all of them. */
  async #list(query: ListQuery, parts: readonly Condition[], order: string, limit?: number): Promise<SessionSummary[]> {
    const [ordered, own] = limit === undefined ? ['', []] : [`ORDER BY ${order} LIMIT ?`, [limit]];
    const chosen = parts.map(({ sql }) => `SELECT * FROM (SELECT s.* ${sql} ${ordered}) s`).join(' UNION ALL ');
    const text = `SELECT ${SUMMARY} FROM (${chosen}) s JOIN dims d ON d.id = s.last_dims ORDER BY ${order} ${limit === undefined ? '' : 'LIMIT ?'}`;
    const rows = await this.#all(text, [...parts.flatMap(({ values }) => [...values, ...own]), ...own]);
    const places = await readPlaces(this.#sql, rows);
    return rows.flatMap((row) => partOf(summaryOf(row), places.get(int(row.session)), query) ?? []);
  }

  async sessionCount(query: SessionCountQuery): Promise<number> {
    const parts = chosenBy(query, EVERYTHING).all;
    const text = `SELECT ${parts.map(({ sql }) => `(SELECT count(*) ${sql})`).join(' + ')} AS sessions`;
    const [row] = await this.#all(
      text,
      parts.flatMap(({ values }) => values),
    );
    return int(row?.sessions);
  }

  async sessionBands({ fromMs, edges, where = [] }: SessionBandsQuery): Promise<SessionBand[]> {
    const band = edges.map(() => '(s.cost >= ?::numeric)::int').join(' + ') || '0';
    const chosen = all(since(fromMs), plain(`NOT s.is_dashboard AND ${where.length === 0 ? 'TRUE' : 'NOT s.is_shared'}`));
    const inside = valuesOf(where, 'd');
    const text = `SELECT d.organization, g.band, sum(g.sessions) AS sessions
      FROM (SELECT s.last_dims, ${band} AS band, count(*) AS sessions FROM sessions s WHERE ${chosen.sql} GROUP BY 1, 2) g
      JOIN dims d ON d.id = g.last_dims WHERE ${inside.sql} GROUP BY d.organization, g.band`;
    const bands = new BandCounts();
    for (const row of await this.#all(text, [...edges, ...chosen.values, ...inside.values]))
      bands.add({ organization: String(row.organization), band: int(row.band), sessions: int(row.sessions) });
    if (where.length > 0) {
      for (const { organization, cost } of await this.#parts({ fromMs, where }))
        bands.add({ organization, band: edges.filter((edge) => cost >= edge).length, sessions: 1 });
    }
    return bands.rows();
  }

  async senders(sinceMs: number, within: Within = []): Promise<Sender[]> {
    const { sql, values } = all(since(sinceMs), HAS_RECORDS, valuesOf(within, 'd'));
    const names = 'd."user", d.team, d.job, d.client_version';
    const text = `SELECT ${names}, count(*) AS sessions, max(s.last_ms) AS last_ms FROM sessions s JOIN dims d ON d.id = s.last_dims
      WHERE ${sql} GROUP BY ${names} ORDER BY last_ms DESC, ${names}`;
    return (await this.#all(text, values)).map(senderOf);
  }

  /** Each replica has rows of its own. */
  async minutes({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, within: Within = []): Promise<MinuteRate[]> {
    if (!isOver(within, ['organization', 'team'])) return [];
    const inside = valuesOf(within, 'd');
    const text = `SELECT m.minute, d.organization, d.team, sum(m.requests) AS requests, sum(m.tokens) AS tokens
      FROM minutes m JOIN dims d ON d.id = m.dims WHERE m.minute >= ? AND m.minute < ? AND ${inside.sql}
      GROUP BY m.minute, d.organization, d.team ORDER BY m.minute, d.organization, d.team`;
    const edges = [fromMs, toMs].map((edge) => instant(edge / MINUTE_MS));
    return (await this.#all(text, [...edges, ...inside.values])).map(minuteRateOf);
  }

  /** Each replica has rows of its own. */
  async people(within: Within = []): Promise<Person[]> {
    if (!isOver(within, ['organization', 'team', 'user'])) return [];
    const { sql, values } = valuesOf(within, 'd');
    const text = `SELECT d.organization, d.team, d."user", p.first_minute, p.last_minute
      FROM (SELECT dims, min(first_minute) AS first_minute, max(last_minute) AS last_minute FROM people GROUP BY dims) p
      JOIN dims d ON d.id = p.dims WHERE ${sql} ORDER BY d.organization, d.team, d."user"`;
    return (await this.#all(text, values)).map(personOf);
  }

  async gaps(sinceMs: number, within: Within = []): Promise<SequenceGaps[]> {
    const { sql, values } = all(since(sinceMs), plain('s.numbered_events > 0'), valuesOf(within, 'd'));
    const names = 'd.organization, d.team, d."user", d.client_version';
    const text = `SELECT ${names}, count(*) AS sessions, sum(s.numbered_events) AS events, sum(s.missing_events) AS missing
      FROM sessions s JOIN dims d ON d.id = s.last_dims WHERE ${sql} GROUP BY ${names} ORDER BY missing DESC, events DESC, ${names}`;
    return (await this.#all(text, values)).map(gapsOf);
  }

  #all(sql: string, values: readonly unknown[]): Promise<Row[]> {
    return this.#sql.rows(numbered(sql), values);
  }
}

/** Sessions s of a list, from FROM on. */
function chosenBy(query: ListQuery, next: Condition): SessionLookups {
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, idPrefix } = query;
  const before: Condition = { sql: 's.last_ms < ? AND NOT s.is_dashboard', values: [instant(toMs)] };
  return sessionsInside(query, all(since(fromMs), before, next, idPrefix === undefined ? EVERYTHING : beginsWith(storable(idPrefix))));
}

/** By the index on ids. */
const beginsWith = (prefix: string): Condition => ({
  sql: 's.session_id >= ? AND s.session_id < ?',
  values: [prefix, `${prefix}\u{10ffff}`],
});

/** What comes after a place in an order. */
function behind(order: SessionOrder, { sessionId, firstSeenMs, lastSeenMs, cost }: SessionPlace): Condition {
  const later: Condition = {
    sql: '(s.last_ms < ? OR s.last_ms = ? AND s.session_id > ?)',
    values: [lastSeenMs, lastSeenMs, storable(sessionId)],
  };
  // The hour, so that the index begins there.
  if (order === 'last_seen') return all({ sql: 's.last_hour <= ?::int8', values: [Math.floor(lastSeenMs / HOUR_MS)] }, later);
  const first: Condition =
    order === 'cost' ? { sql: 's.cost $ ?::numeric', values: [cost] } : { sql: 's.last_ms - s.first_ms $ ?', values: [lastSeenMs - firstSeenMs] };
  return {
    sql: `(${first.sql.replace('$', '<')} OR ${first.sql.replace('$', '=')} AND ${later.sql})`,
    values: [...first.values, ...first.values, ...later.values],
  };
}
