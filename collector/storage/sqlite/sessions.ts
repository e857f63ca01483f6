/** Sessions: one row each. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { costBy, SOURCE_COSTS, SOURCE_NAMES, type Source } from '../../catalog/sources.ts';
import type { FoundSession, SessionRow, WantedSession } from '../../ledger/tables.ts';
import { highOf, partsOf, wideOf } from './wide.ts';

/** Each with its column of UNITs. */
const COSTS = ['cost', ...SOURCE_COSTS];
export const COST_COLUMNS = COSTS.flatMap((name) => [name, highOf(name)]);

export class SessionsTable {
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #ended: StatementSync;
  readonly #prune: StatementSync;

  constructor(database: DatabaseSync) {
    this.#select = database.prepare('SELECT * FROM sessions WHERE session_id = ?');
    this.#select.setReadBigInts(true);
    this.#insert = database.prepare(
      `INSERT INTO sessions (session_id, first_ms, first_identity, first_dims, last_ms, last_identity, last_dims, is_dashboard)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0) RETURNING id`,
    );
    this.#update = database.prepare(
      `UPDATE sessions SET first_ms = ?, first_identity = ?, first_dims = ?, last_ms = ?, last_identity = ?, last_dims = ?, is_dashboard = ?,
       ${COSTS.map((name) => `${name} = ?, ${highOf(name)} = ?`).join()}, numbered_events = ?, missing_events = ? WHERE id = ?`,
    );
    this.#ended = database.prepare('SELECT id FROM sessions WHERE last_ms < ? AND is_pruned = 0');
    this.#prune = database.prepare('UPDATE sessions SET is_pruned = 1 WHERE id IN (SELECT value FROM json_each(?))');
  }

  findOrMake(wanted: WantedSession): FoundSession {
    const row = this.#select.get(wanted.sessionId);
    return row === undefined ? { row: this.#make(wanted), isNew: true } : { row: sessionOf(row), isNew: false };
  }

  update({ session, first, last, isDashboard, cost, costBySource, numberedEvents, missingEvents }: SessionRow): void {
    const places = [first.timeMs, first.identity, first.dims, last.timeMs, last.identity, last.dims];
    const costs = [cost, ...SOURCE_NAMES.map((source) => costBySource[source])].map(partsOf).flatMap(({ low, units }) => [low, units]);
    this.#update.run(...places, isDashboard ? 1 : 0, ...costs, numberedEvents, missingEvents, session);
  }

  endedBefore(beforeMs: number): number[] {
    return this.#ended.all(beforeMs).map(({ id }) => Number(id));
  }

  prune(sessions: readonly number[]): void {
    this.#prune.run(JSON.stringify(sessions));
  }

  #make({ sessionId, first }: WantedSession): SessionRow {
    const row = this.#insert.get(sessionId, first.timeMs, first.identity, first.dims, first.timeMs, first.identity, first.dims);
    const nothing = { isDashboard: false, isPruned: false, cost: 0n, costBySource: bySource(() => 0n), numberedEvents: 0, missingEvents: 0 };
    return { session: Number(row?.id), sessionId, first, last: first, ...nothing };
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
    isPruned: row.is_pruned === 1n,
    cost: wideOf(row, 'cost'),
    costBySource: costBySource(row),
    numberedEvents: Number(row.numbered_events),
    missingEvents: Number(row.missing_events),
  };
}
