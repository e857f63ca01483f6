/** Entries on disk. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inTimeOrder } from '../../ledger/booking.ts';
import type { HistoryItem } from '../../ledger/history.ts';
import type { IncomingEntry, StoredEntry } from '../../ledger/tables.ts';
import { flagsOf, isCostMissing, isTimeUncertain, readAmounts, sourceOf } from './batch-codec.ts';

export class EntriesTable {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO entries (session, identity, time_ms, flags, dims, cost, list_cost, amounts, series, start_ms, sequence)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#find = database.prepare(
      'SELECT e.cost, e.amounts, d.model FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ? AND e.identity = ?',
    );
    this.#find.setReadBigInts(true);
    this.#remove = database.prepare('DELETE FROM entries WHERE session IN (SELECT value FROM json_each(?))');
  }

  /** Undefined when the entry is new, and kept; else what is there. */
  insert(session: number, entry: IncomingEntry): StoredEntry | undefined {
    const { changes } = this.#insert.run(
      session,
      entry.identity,
      entry.timeMs,
      flagsOf(entry),
      entry.dims,
      entry.cost,
      entry.listCost,
      entry.amountsText,
      entry.cumulative?.series ?? null,
      entry.cumulative?.startMs ?? entry.startMs ?? null,
      entry.sequence ?? null,
    );
    return changes === 0 ? this.#stored(session, entry.identity) : undefined;
  }

  /** Answers how many there were. */
  removeOf(sessions: readonly number[]): number {
    return Number(this.#remove.run(JSON.stringify(sessions)).changes);
  }

  #stored(session: number, identity: string): StoredEntry {
    const row = this.#find.get(session, identity) ?? {};
    return { model: String(row.model), cost: row.cost as bigint, amountsText: String(row.amounts) };
  }
}

export class History {
  readonly #entries: StatementSync;

  constructor(database: DatabaseSync) {
    this.#entries = database.prepare('SELECT e.*, d.model FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ?');
    this.#entries.setReadBigInts(true);
  }

  /** Oldest first. */
  of(session: number): HistoryItem[] {
    return this.#entries.all(session).map(itemOf).sort(inTimeOrder);
  }
}

function itemOf(row: Record<string, unknown>): HistoryItem {
  const flags = Number(row.flags);
  return {
    identity: String(row.identity),
    timeMs: Number(row.time_ms),
    source: sourceOf(flags),
    model: String(row.model),
    isCostMissing: isCostMissing(flags),
    isTimeUncertain: isTimeUncertain(flags),
    startMs: Number(row.start_ms ?? 0) || undefined,
    dims: Number(row.dims),
    cost: row.cost as bigint,
    listCost: row.list_cost as bigint,
    amounts: readAmounts(String(row.amounts)),
    cumulative: row.series === null ? undefined : { series: String(row.series), startMs: Number(row.start_ms) },
    sequence: row.sequence === null ? undefined : Number(row.sequence),
  };
}
