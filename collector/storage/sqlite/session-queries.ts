/** Lists that the boards ask for beside queries: sessions, senders, people, minutes, gaps. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { MINUTE_MS } from '../../core/duration.ts';
import type { MinuteRate, Person, SequenceGaps } from '../../ledger/ledger.ts';
import type { Sender, SessionBand, SessionBandsQuery, SessionOrder, SessionSummary, SessionsQuery } from '../../ledger/sessions.ts';
import { ownedBy, SessionShares, withShares } from './session-owners.ts';
import { COST_COLUMNS, costBySource } from './sessions.ts';
import { createStatements } from './statements.ts';
import { partsOf, wideOf } from './wide.ts';

export const SUMMARY = `SELECT s.session_id, s.first_ms, s.last_ms, d.organization, d.team, d.user, d.workspace, d.repository, d.client_version,
  d.terminal, s.id, s.is_dashboard, s.removed_before_ms, s.held_back_entries, ${COST_COLUMNS.map((name) => `s.${name}`).join()}
  FROM sessions s JOIN dims d ON d.id = s.last_dims`;

/** Sessions last seen at or after ?1, by the index on their hour. A number is bound as a float, which has to become a whole hour. */
const SINCE = 's.last_ms / 3600000 >= CAST(?1 AS INTEGER) / 3600000 AND s.last_ms >= ?1';

/** The largest first, then the one seen last. */
export const BY_COST = 's.cost_high DESC, s.cost DESC, s.last_ms DESC, s.session_id';

const ORDERS: Readonly<Record<SessionOrder, string>> = {
  // The hour first, so that the index gives the newest without sorting all.
  last_seen: 's.last_ms / 3600000 DESC, s.last_ms DESC, s.session_id',
  cost: BY_COST,
  duration: 's.last_ms - s.first_ms DESC, s.last_ms DESC, s.session_id',
};

export class Listing {
  readonly #statement: (sql: string) => StatementSync;
  readonly #shares: SessionShares;

  constructor(database: DatabaseSync) {
    this.#shares = new SessionShares(database);
    this.#statement = createStatements((sql) => {
      const statement = database.prepare(sql);
      statement.setReadBigInts(true);
      return statement;
    });
  }

  sessions({ fromMs = 0, toMs = Number.MAX_SAFE_INTEGER, limit, order = 'last_seen', where = [] }: SessionsQuery): SessionSummary[] {
    const owned = ownedBy(where);
    const chosen = `SELECT s.id FROM sessions s ${where.length > 0 ? 'JOIN dims d ON d.id = s.last_dims' : ''}
      WHERE ${SINCE} AND s.last_ms < ?2 AND s.is_dashboard = 0 AND ${owned.sql} ORDER BY ${ORDERS[order]} LIMIT ?`;
    const sql = `${SUMMARY} WHERE s.id IN (${chosen}) ORDER BY ${ORDERS[order]}`;
    const rows = this.#all(sql, fromMs, toMs, ...owned.parameters, limit);
    const shares = this.#shares.of(rows.map(({ id }) => Number(id)));
    const sessions = rows.map((row) => withShares(summaryOf(row), shares.get(Number(row.id)), where));
    // A share is less than its session, by which the database ordered.
    return order === 'cost' ? sessions.sort((a, b) => (a.cost === b.cost ? 0 : a.cost < b.cost ? 1 : -1)) : sessions;
  }

  sessionBands({ fromMs, edges, where = [] }: SessionBandsQuery): SessionBand[] {
    const band = edges.map((_, index) => `((s.cost_high, s.cost) >= (?${2 * index + 2}, ?${2 * index + 3}))`).join(' + ') || '0';
    // Counted by the numbers of their dimensions first: looking up the owner of each session takes twice as long.
    const sql = `SELECT d.organization, g.band, SUM(g.sessions) AS sessions
      FROM (SELECT s.last_dims, ${band} AS band, COUNT(*) AS sessions FROM sessions s WHERE ${SINCE} AND s.is_dashboard = 0 GROUP BY s.last_dims, band) g
      JOIN dims d ON d.id = g.last_dims WHERE TRUE ${filtersOf(where).join(' ')} GROUP BY d.organization, g.band ORDER BY d.organization, g.band`;
    return this.#all(sql, fromMs, ...edges.map(partsOf).flatMap(({ units, low }) => [units, low]), ...where.flatMap(({ values }) => values)).map(
      (row) => ({
        organization: String(row.organization),
        band: Number(row.band),
        sessions: Number(row.sessions),
      }),
    );
  }

  senders(sinceMs: number): Sender[] {
    const sql = `SELECT d.user, d.team, d.client_version, COUNT(*) AS sessions, MAX(s.last_ms) AS last_ms
      FROM sessions s JOIN dims d ON d.id = s.last_dims WHERE ${SINCE} GROUP BY d.user, d.team, d.client_version ORDER BY last_ms DESC`;
    return this.#all(sql, sinceMs).map((row) => ({
      user: String(row.user),
      team: String(row.team),
      clientVersion: String(row.client_version),
      sessions: Number(row.sessions),
      lastSeenMs: Number(row.last_ms),
    }));
  }

  minutes({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): MinuteRate[] {
    const sql = `SELECT m.minute, d.organization, d.team, m.requests, m.tokens FROM minutes m JOIN dims d ON d.id = m.dims
      WHERE m.minute >= ? AND m.minute < ? ORDER BY m.minute, d.organization, d.team`;
    return this.#all(sql, Math.ceil(fromMs / MINUTE_MS), Math.ceil(toMs / MINUTE_MS)).map((row) => ({
      startMs: Number(row.minute) * MINUTE_MS,
      organization: String(row.organization),
      team: String(row.team),
      requests: Number(row.requests),
      tokens: Number(row.tokens),
    }));
  }

  people(): Person[] {
    const sql = 'SELECT d.organization, d.team, d.user, p.first_minute, p.last_minute FROM people p JOIN dims d ON d.id = p.dims ORDER BY p.dims';
    return this.#all(sql).map((row) => ({
      organization: String(row.organization),
      team: String(row.team),
      user: String(row.user),
      firstSeenMs: Number(row.first_minute) * MINUTE_MS,
      lastSeenMs: Number(row.last_minute) * MINUTE_MS,
    }));
  }

  gaps(sinceMs: number): SequenceGaps[] {
    const sql = `SELECT d.organization, d.team, d.user, d.client_version, COUNT(*) AS sessions, SUM(s.numbered_events) AS events,
      SUM(s.missing_events) AS missing FROM sessions s JOIN dims d ON d.id = s.last_dims WHERE ${SINCE} AND s.numbered_events > 0
      GROUP BY d.organization, d.team, d.user, d.client_version ORDER BY missing DESC, events DESC, d.organization, d.team, d.user, d.client_version`;
    return this.#all(sql, sinceMs).map((row) => ({
      organization: String(row.organization),
      team: String(row.team),
      user: String(row.user),
      clientVersion: String(row.client_version),
      sessions: Number(row.sessions),
      events: Number(row.events),
      missing: Number(row.missing),
    }));
  }

  #all(sql: string, ...parameters: SQLInputValue[]): Record<string, unknown>[] {
    return this.#statement(sql).all(...parameters);
  }
}

const filtersOf = (where: NonNullable<SessionsQuery['where']>): string[] =>
  where.map(({ dimension, values }) => `AND d.${dimension} IN (${values.map(() => '?').join()})`);

export function summaryOf(row: Record<string, unknown>): SessionSummary {
  return {
    sessionId: String(row.session_id),
    firstSeenMs: Number(row.first_ms),
    lastSeenMs: Number(row.last_ms),
    organization: String(row.organization),
    team: String(row.team),
    user: String(row.user),
    workspace: String(row.workspace),
    repository: String(row.repository),
    clientVersion: String(row.client_version),
    terminal: String(row.terminal),
    cost: wideOf(row, 'cost'),
    shares: [],
    costBySource: costBySource(row),
  };
}
