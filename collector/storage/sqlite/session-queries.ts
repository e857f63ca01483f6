/** Lists that the boards ask for beside queries: sessions, senders, people, minutes, gaps. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { MINUTE_MS } from '../../core/duration.ts';
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
import { PlaceReader } from './session-places.ts';
import { all, BY_COST, type Condition, EVERYTHING, insideOf, SUMMARY, summaryOf, valuesOf } from './session-rows.ts';
import { SessionSearch } from './session-search.ts';
import { HAS_RECORDS } from './sessions.ts';
import { createStatements } from './statements.ts';
import { partsOf } from './wide.ts';

/** Sessions last seen at or after ?1, by the index on their hour. A number is bound as a float, which has to become a whole hour. */
const SINCE = 's.last_ms / 3600000 >= CAST(?1 AS INTEGER) / 3600000 AND s.last_ms >= ?1';

const ORDERS: Readonly<Record<SessionOrder, string>> = {
  // The hour first, so that the index gives the newest without sorting all.
  last_seen: 's.last_ms / 3600000 DESC, s.last_ms DESC, s.session_id',
  cost: BY_COST,
  duration: 's.last_ms - s.first_ms DESC, s.last_ms DESC, s.session_id',
};

type ListQuery = Omit<SessionsQuery, 'limit' | 'order'>;

export class Listing {
  readonly #statement: (sql: string) => StatementSync;
  readonly #places: PlaceReader;
  /** Its function has to be there before a statement names it. */
  readonly #search: SessionSearch;

  constructor(database: DatabaseSync) {
    this.#places = new PlaceReader(database);
    this.#search = new SessionSearch(database);
    this.#statement = createStatements((sql) => {
      const statement = database.prepare(sql);
      statement.setReadBigInts(true);
      return statement;
    });
  }

  sessions({ limit, order = 'last_seen', ...query }: SessionsQuery): SessionSummary[] {
    const { where = [], within = [], after } = query;
    this.#search.forget();
    const next = after === undefined ? EVERYTHING : behind(order, after);
    // Of a shared session a part may be inside, and cost less than the session by which the database orders.
    if (order !== 'cost' || where.length + within.length === 0) return this.#list(query, next, ORDERS[order], limit);
    const whole = this.#list(query, all(next, { sql: 's.is_shared = 0', parameters: [] }), ORDERS[order], limit);
    const parts = this.#list(query, { sql: 's.is_shared = 1', parameters: [] }, 's.id', -1);
    return mostExpensive(whole, parts, { after, limit });
  }

  #list(query: ListQuery, next: Condition, order: string, limit: number): SessionSummary[] {
    const { sql, parameters } = chosenBy(query, next);
    const chosen = `SELECT s.id ${sql} ORDER BY ${order} LIMIT ?`;
    const rows = this.#all(`${SUMMARY} WHERE s.id IN (${chosen}) ORDER BY ${order}`, ...parameters, limit);
    const places = this.#places.of(rows.map(({ id }) => Number(id)));
    return rows.flatMap((row) => partOf(summaryOf(row), places.get(Number(row.id)), query) ?? []);
  }

  sessionCount(query: SessionCountQuery): number {
    this.#search.forget();
    const { sql, parameters } = chosenBy(query, EVERYTHING);
    return Number(this.#all(`SELECT COUNT(*) AS sessions ${sql}`, ...parameters)[0]?.sessions ?? 0);
  }

  sessionBands({ fromMs, edges, where = [] }: SessionBandsQuery): SessionBand[] {
    const band = edges.map((_, index) => `((s.cost_high, s.cost) >= (?${2 * index + 2}, ?${2 * index + 3}))`).join(' + ') || '0';
    const shared = where.length === 0 ? 'TRUE' : 's.is_shared = 0';
    const inside = valuesOf(where, 'd');
    // Counted by the numbers of their dimensions first: looking up the owner of each session takes twice as long.
    const sql = `SELECT d.organization, g.band, SUM(g.sessions) AS sessions
      FROM (SELECT s.last_dims, ${band} AS band, COUNT(*) AS sessions FROM sessions s
        WHERE ${SINCE} AND s.is_dashboard = 0 AND ${shared} GROUP BY s.last_dims, band) g
      JOIN dims d ON d.id = g.last_dims WHERE ${inside.sql} GROUP BY d.organization, g.band`;
    const parameters = [fromMs, ...edges.map(partsOf).flatMap(({ units, low }) => [units, low]), ...inside.parameters];
    const bands = new BandCounts();
    for (const row of this.#all(sql, ...parameters))
      bands.add({ organization: String(row.organization), band: Number(row.band), sessions: Number(row.sessions) });
    if (where.length > 0) {
      for (const { organization, cost } of this.#list({ fromMs, where }, { sql: 's.is_shared = 1', parameters: [] }, 's.id', -1))
        bands.add({ organization, band: edges.filter((edge) => cost >= edge).length, sessions: 1 });
    }
    return bands.rows();
  }

  senders(sinceMs: number, within: Within = []): Sender[] {
    const inside = valuesOf(within, 'd');
    const sql = `SELECT d.user, d.team, d.job, d.client_version, COUNT(*) AS sessions, MAX(s.last_ms) AS last_ms
      FROM sessions s JOIN dims d ON d.id = s.last_dims WHERE ${SINCE} AND ${HAS_RECORDS} AND ${inside.sql}
      GROUP BY d.user, d.team, d.job, d.client_version ORDER BY last_ms DESC`;
    return this.#all(sql, sinceMs, ...inside.parameters).map(senderOf);
  }

  minutes({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }, within: Within = []): MinuteRate[] {
    if (!isOver(within, ['organization', 'team'])) return [];
    const inside = valuesOf(within, 'd');
    const sql = `SELECT m.minute, d.organization, d.team, m.requests, m.tokens FROM minutes m JOIN dims d ON d.id = m.dims
      WHERE m.minute >= ? AND m.minute < ? AND ${inside.sql} ORDER BY m.minute, d.organization, d.team`;
    return this.#all(sql, Math.ceil(fromMs / MINUTE_MS), Math.ceil(toMs / MINUTE_MS), ...inside.parameters).map(minuteRateOf);
  }

  people(within: Within = []): Person[] {
    if (!isOver(within, ['organization', 'team', 'user'])) return [];
    const inside = valuesOf(within, 'd');
    const sql = `SELECT d.organization, d.team, d.user, p.first_minute, p.last_minute FROM people p JOIN dims d ON d.id = p.dims
      WHERE ${inside.sql} ORDER BY p.dims`;
    return this.#all(sql, ...inside.parameters).map(personOf);
  }

  gaps(sinceMs: number, within: Within = []): SequenceGaps[] {
    const inside = valuesOf(within, 'd');
    const sql = `SELECT d.organization, d.team, d.user, d.client_version, COUNT(*) AS sessions, SUM(s.numbered_events) AS events,
      SUM(s.missing_events) AS missing FROM sessions s JOIN dims d ON d.id = s.last_dims WHERE ${SINCE} AND s.numbered_events > 0 AND ${inside.sql}
      GROUP BY d.organization, d.team, d.user, d.client_version ORDER BY missing DESC, events DESC, d.organization, d.team, d.user, d.client_version`;
    return this.#all(sql, sinceMs, ...inside.parameters).map(gapsOf);
  }

  #all(sql: string, ...parameters: SQLInputValue[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...parameters);
  }
}

/** Sessions s of a list, from FROM on; their dimensions only where something is asked of them. */
function chosenBy(query: ListQuery, next: Condition): Condition {
  const { fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, idPrefix } = query;
  const narrowed = insideOf(query);
  const inside = all(narrowed, next, idPrefix === undefined ? EVERYTHING : beginsWith(idPrefix));
  return {
    sql: `FROM sessions s ${narrowed === EVERYTHING ? '' : 'JOIN dims d ON d.id = s.last_dims'}
      WHERE ${SINCE} AND s.last_ms < ?2 AND s.is_dashboard = 0 AND ${inside.sql}`,
    parameters: [fromMs, toMs, ...inside.parameters],
  };
}

/** By the index on ids. */
const beginsWith = (prefix: string): Condition => ({
  sql: 's.session_id >= ? AND s.session_id < ?',
  parameters: [prefix, `${prefix}\u{10ffff}`],
});

/** What comes after a place in an order. */
function behind(order: SessionOrder, { sessionId, firstSeenMs, lastSeenMs, cost }: SessionPlace): Condition {
  const later: Condition = {
    sql: '(s.last_ms < ? OR s.last_ms = ? AND s.session_id > ?)',
    parameters: [lastSeenMs, lastSeenMs, sessionId],
  };
  // The hour, so that the index begins there.
  if (order === 'last_seen') return all({ sql: 's.last_ms / 3600000 <= CAST(? AS INTEGER) / 3600000', parameters: [lastSeenMs] }, later);
  const { units, low } = partsOf(cost);
  const first: Condition =
    order === 'cost'
      ? { sql: '(s.cost_high, s.cost) $ (?, ?)', parameters: [units, low] }
      : { sql: 's.last_ms - s.first_ms $ ?', parameters: [lastSeenMs - firstSeenMs] };
  return {
    sql: `(${first.sql.replace('$', '<')} OR ${first.sql.replace('$', '=')} AND ${later.sql})`,
    parameters: [...first.parameters, ...first.parameters, ...later.parameters],
  };
}
