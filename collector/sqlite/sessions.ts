/** Sessions: one row each, kept in memory while the session is active, with the book that reconciles it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type BookingItem, inTimeOrder, SessionBook } from '../booking.ts';
import { readAmounts, recognisedOf, signalOf } from './codec.ts';
import type { DimsTable } from './dims.ts';

interface Mark {
  timeMs: number;
  identity: string;
  dims: number;
}

export interface SessionState {
  readonly id: number;
  readonly sessionId: string;
  first: Mark;
  last: Mark;
  /** The process of the `claude agents` dashboard, which is no conversation. */
  isDashboard: boolean;
  readonly isPruned: boolean;
  /** Undefined until the session's entries have been walked in this run of the program. */
  book: SessionBook<number> | undefined;
  isChanged: boolean;
}

/** Sessions kept in memory. One that falls out is walked again from its entries when it goes on. */
const CACHE_MAX = 20_000;

export class SessionsTable {
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #entries: StatementSync;
  readonly #dims: DimsTable;
  readonly #cache = new Map<string, SessionState>();

  constructor(database: DatabaseSync, dims: DimsTable) {
    this.#dims = dims;
    this.#select = database.prepare('SELECT * FROM sessions WHERE session_id = ?');
    this.#insert = database.prepare(
      `INSERT INTO sessions (session_id, first_ms, first_identity, first_dims, last_ms, last_identity, last_dims, is_dashboard)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0) RETURNING id`,
    );
    this.#update = database.prepare(
      `UPDATE sessions SET first_ms = ?, first_identity = ?, first_dims = ?, last_ms = ?, last_identity = ?, last_dims = ?, is_dashboard = ?
       WHERE id = ?`,
    );
    this.#entries = database.prepare('SELECT * FROM entries WHERE session = ?');
    this.#entries.setReadBigInts(true);
  }

  find(sessionId: string): SessionState | undefined {
    const cached = this.#cache.get(sessionId);
    if (cached !== undefined) return cached;
    const row = this.#select.get(sessionId);
    if (row === undefined) return undefined;
    return this.#keep({
      id: Number(row.id),
      sessionId,
      first: { timeMs: Number(row.first_ms), identity: String(row.first_identity), dims: Number(row.first_dims) },
      last: { timeMs: Number(row.last_ms), identity: String(row.last_identity), dims: Number(row.last_dims) },
      isDashboard: row.is_dashboard === 1,
      isPruned: row.is_pruned === 1,
      book: undefined,
      isChanged: false,
    });
  }

  create(sessionId: string, mark: Mark): SessionState {
    const row = this.#insert.get(sessionId, mark.timeMs, mark.identity, mark.dims, mark.timeMs, mark.identity, mark.dims);
    return this.#keep({
      id: Number(row?.id),
      sessionId,
      first: mark,
      last: mark,
      isDashboard: false,
      isPruned: false,
      book: new SessionBook<number>(),
      isChanged: false,
    });
  }

  save(state: SessionState): void {
    const { first, last } = state;
    this.#update.run(first.timeMs, first.identity, first.dims, last.timeMs, last.identity, last.dims, state.isDashboard ? 1 : 0, state.id);
    state.isChanged = false;
  }

  /** All entries of a session as booking wants them, oldest first. */
  history(state: SessionState): BookingItem<number>[] {
    return this.#entries
      .all(state.id)
      .map((row) => itemOf(row, this.#dims))
      .sort(inTimeOrder);
  }

  forget(): void {
    this.#cache.clear();
  }

  /** Drops the sessions that came into memory longest ago. Called between batches, never inside one. */
  trim(): void {
    for (const sessionId of this.#cache.keys()) {
      if (this.#cache.size <= CACHE_MAX) return;
      this.#cache.delete(sessionId);
    }
  }

  #keep(state: SessionState): SessionState {
    this.#cache.set(state.sessionId, state);
    return state;
  }
}

/** A row of `entries`, read with BigInts, as booking wants it. */
export function itemOf(row: Record<string, unknown>, dims: DimsTable): BookingItem<number> {
  const flags = Number(row.flags);
  const dimsId = Number(row.dims);
  return {
    identity: String(row.identity),
    timeMs: Number(row.time_ms),
    signal: signalOf(flags),
    model: dims.value(dimsId, 'model'),
    modelRecognised: recognisedOf(flags),
    dims: dimsId,
    cost: row.cost as bigint,
    listCost: row.list_cost as bigint,
    amounts: readAmounts(String(row.amounts)),
    cumulative: row.series === null ? undefined : { series: String(row.series), startMs: Number(row.start_ms) },
  };
}
