/** Sessions: one row each. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { costBy, SOURCE_COSTS, SOURCE_NAMES, type Source } from '../../catalog/sources.ts';
import { ADJUSTMENT_MARK } from '../../ledger/adjustments.ts';
import type { EndedSession, FoundSession, SessionRow, WantedSession } from '../../ledger/tables.ts';
import { IS_NEEDED } from './session-links.ts';
import { highOf, partsOf, wideOf } from './wide.ts';

/** Of a session that is not of adjustments alone. */
export const HAS_RECORDS = `substr(first_identity, 1, 1) <> '${ADJUSTMENT_MARK}'`;
/** Each with its column of UNITs. */
const COSTS = ['cost', ...SOURCE_COSTS];
export const COST_COLUMNS = COSTS.flatMap((name) => [name, highOf(name)]);

export class SessionsTable {
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #ended: StatementSync;
  readonly #removed: StatementSync;
  readonly #newest: StatementSync;

  constructor(database: DatabaseSync) {
    this.#select = database.prepare('SELECT * FROM sessions WHERE session_id = ?');
    this.#select.setReadBigInts(true);
    this.#insert = database.prepare(
      `INSERT INTO sessions (session_id, first_ms, first_identity, first_dims, last_ms, last_identity, last_dims, is_dashboard)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0)`,
    );
    this.#update = database.prepare(
      `UPDATE sessions SET first_ms = ?, first_identity = ?, first_dims = ?, last_ms = ?, last_identity = ?, last_dims = ?, is_dashboard = ?, is_shared = ?,
       ${COSTS.map((name) => `${name} = ?, ${highOf(name)} = ?`).join()}, numbered_events = ?, missing_events = ?, held_back_entries = ? WHERE id = ?`,
    );
    // Reads as far as the caller takes.
    this.#ended = database.prepare(
      `SELECT s.id, s.session_id FROM sessions s WHERE removed_before_ms <= last_ms AND last_ms / 3600000 <= ?1 / 3600000 AND last_ms < ?1
       AND NOT (${IS_NEEDED}) ORDER BY last_ms / 3600000`,
    );
    this.#removed = database.prepare('UPDATE sessions SET removed_before_ms = ?, numbered_events = 0, missing_events = 0 WHERE id = ?');
    this.#newest = database.prepare(`SELECT last_ms FROM sessions WHERE ${HAS_RECORDS} ORDER BY id DESC LIMIT ?`);
  }

  findOrMake(wanted: WantedSession): FoundSession {
    const row = this.#select.get(wanted.sessionId);
    return row === undefined ? { row: this.#make(wanted), isNew: true } : { row: sessionOf(row), isNew: false };
  }

  update({ session, first, last, isDashboard, isShared, cost, costBySource, numberedEvents, missingEvents, heldBackEntries }: SessionRow): void {
    const places = [first.timeMs, first.identity, first.dims, last.timeMs, last.identity, last.dims];
    const costs = [cost, ...SOURCE_NAMES.map((source) => costBySource[source])].map(partsOf).flatMap(({ low, units }) => [low, units]);
    this.#update.run(...places, isDashboard ? 1 : 0, isShared ? 1 : 0, ...costs, numberedEvents, missingEvents, heldBackEntries, session);
  }

  /** Those that still have entries. */
  *endedBefore(beforeMs: number): Iterable<EndedSession> {
    for (const { id, session_id } of this.#ended.iterate(beforeMs)) yield { session: Number(id), sessionId: String(session_id) };
  }

  noteRemoved(session: number, beforeMs: number): void {
    this.#removed.run(beforeMs, session);
  }

  newest(count: number): number[] {
    return this.#newest.all(count).map(({ last_ms }) => Number(last_ms));
  }

  #make({ sessionId, first }: WantedSession): SessionRow {
    const { lastInsertRowid } = this.#insert.run(sessionId, first.timeMs, first.identity, first.dims, first.timeMs, first.identity, first.dims);
    const nothing = { isDashboard: false, isShared: false, removedBeforeMs: 0, cost: 0n, costBySource: bySource(() => 0n) };
    const counts = { numberedEvents: 0, missingEvents: 0, heldBackEntries: 0 };
    return { session: Number(lastInsertRowid), sessionId, first, last: first, ...nothing, ...counts };
  }
}

const bySource = (cost: (source: Source) => bigint) =>
  Object.fromEntries(SOURCE_NAMES.map((source) => [source, cost(source)])) as Record<Source, bigint>;

/** Of a row of sessions, read with BigInts. */
export const costBySource = (row: Record<string, unknown>) => bySource((source) => wideOf(row, costBy(source)));

function sessionOf(row: Record<string, unknown>): SessionRow {
  return {
    session: Number(row.id),
    sessionId: String(row.session_id),
    first: { timeMs: Number(row.first_ms), identity: String(row.first_identity), dims: Number(row.first_dims) },
    last: { timeMs: Number(row.last_ms), identity: String(row.last_identity), dims: Number(row.last_dims) },
    isDashboard: row.is_dashboard === 1n,
    isShared: row.is_shared === 1n,
    removedBeforeMs: Number(row.removed_before_ms),
    cost: wideOf(row, 'cost'),
    costBySource: costBySource(row),
    numberedEvents: Number(row.numbered_events),
    missingEvents: Number(row.missing_events),
    heldBackEntries: Number(row.held_back_entries),
  };
}
