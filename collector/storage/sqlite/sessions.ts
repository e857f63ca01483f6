/** Sessions: one row each, kept in memory while the session is active, with the book that reconciles it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { costBy, SOURCE_COSTS, SOURCE_NAMES, type Source } from '../../catalog/sources.ts';
import { type Posting, SessionBook } from '../../ledger/booking.ts';
import { SequenceBook } from '../../ledger/sequence-gaps.ts';

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
  /** Undefined until the numbers of the session's events have been read in this run of the program. */
  sequences: SequenceBook | undefined;
  cost: bigint;
  readonly costBySource: Record<Source, bigint>;
  numberedEvents: number;
  missingEvents: number;
}

/** Adds what was posted to the session's own totals. */
export function addCost(state: SessionState, posting: Posting<number>, sign: 1n | -1n): void {
  state.cost += sign * posting.cost;
  state.costBySource[posting.source] += sign * posting.sourceCost;
}

const bySource = (cost: (source: Source) => bigint) =>
  Object.fromEntries(SOURCE_NAMES.map((source) => [source, cost(source)])) as Record<Source, bigint>;
const noCost = () => bySource(() => 0n);
/** Of a row of sessions, read with BigInts. */
export const costBySource = (row: Record<string, unknown>) => bySource((source) => row[costBy(source)] as bigint);

/** Sessions kept in memory. One that falls out is walked again from its entries when it goes on. */
const CACHE_MAX = 20_000;

export class SessionsTable {
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #changed = new Set<SessionState>();
  readonly #cache = new Map<string, SessionState>();

  constructor(database: DatabaseSync) {
    this.#select = database.prepare('SELECT * FROM sessions WHERE session_id = ?');
    this.#select.setReadBigInts(true);
    this.#insert = database.prepare(
      `INSERT INTO sessions (session_id, first_ms, first_identity, first_dims, last_ms, last_identity, last_dims, is_dashboard)
       VALUES (?, ?, ?, ?, ?, ?, ?, 0) RETURNING id`,
    );
    this.#update = database.prepare(
      `UPDATE sessions SET first_ms = ?, first_identity = ?, first_dims = ?, last_ms = ?, last_identity = ?, last_dims = ?, is_dashboard = ?,
       cost = ?, ${SOURCE_COSTS.map((name) => `${name} = ?`).join()}, numbered_events = ?, missing_events = ? WHERE id = ?`,
    );
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
      isDashboard: row.is_dashboard === 1n,
      isPruned: row.is_pruned === 1n,
      book: undefined,
      sequences: undefined,
      numberedEvents: Number(row.numbered_events),
      missingEvents: Number(row.missing_events),
      cost: row.cost as bigint,
      costBySource: costBySource(row),
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
      sequences: new SequenceBook(),
      numberedEvents: 0,
      missingEvents: 0,
      cost: 0n,
      costBySource: noCost(),
    });
  }

  /** To be written with this transaction. */
  touch(state: SessionState): void {
    this.#changed.add(state);
  }

  flush(): void {
    for (const state of this.#changed) {
      const { first, last, cost, costBySource, numberedEvents, missingEvents } = state;
      const marks = [first.timeMs, first.identity, first.dims, last.timeMs, last.identity, last.dims];
      this.#update.run(
        ...marks,
        state.isDashboard ? 1 : 0,
        cost,
        ...SOURCE_NAMES.map((source) => costBySource[source]),
        numberedEvents,
        missingEvents,
        state.id,
      );
    }
    this.#changed.clear();
  }

  forget(): void {
    this.#cache.clear();
    this.#changed.clear();
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
