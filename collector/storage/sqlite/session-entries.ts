/** Entries on disk. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { inTimeOrder } from '../../ledger/booking.ts';
import type { HistoryItem } from '../../ledger/history.ts';
import { asideIdentity, recordOf } from '../../ledger/set-aside.ts';
import { type RequestItem, STAND_INS } from '../../ledger/stand-ins.ts';
import type { CoverMark, HeldBackEntry, IncomingEntry, StoredEntry } from '../../ledger/tables.ts';
import { ANYTIME, SLACK_MS, type TimeRange } from '../../ledger/windows.ts';
import {
  ADJUSTMENT,
  COVERED,
  flagsOf,
  isAdjustment,
  isCostMissing,
  isSetAside,
  isStandIn,
  isTimeUncertain,
  readAmounts,
  SET_ASIDE,
  sourceOf,
  TIME_UNCERTAIN,
} from '../batch-codec.ts';
import { DATED, HELD_BACK, IS_ADJUSTMENT, promptOf } from '../stored-entries.ts';

export class EntriesTable {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #record: StatementSync;
  readonly #count: StatementSync;
  readonly #note: StatementSync;
  readonly #noted: StatementSync;
  readonly #done: StatementSync;
  readonly #remove: StatementSync;
  readonly #holdBack: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO entries (session, identity, time_ms, flags, dims, cost, list_cost, amounts, series, start_ms, sequence, request)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#find = database.prepare(
      'SELECT e.cost, e.list_cost, e.amounts, d.model FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ? AND e.identity = ?',
    );
    this.#find.setReadBigInts(true);
    this.#record = database.prepare('SELECT identity FROM entries WHERE session = ?1 AND identity >= ?2 AND identity < ?2 || char(127)');
    this.#count = database.prepare('SELECT COUNT(*) AS entries FROM (SELECT 1 FROM entries WHERE session = ? LIMIT ?)');
    this.#note = database.prepare('INSERT INTO removals (session, before_ms) VALUES (?, ?) ON CONFLICT DO UPDATE SET before_ms = excluded.before_ms');
    this.#noted = database.prepare('SELECT session, before_ms FROM removals LIMIT 1');
    this.#holdBack = database.prepare('UPDATE entries SET held_back = ? WHERE session = ? AND identity = ?');
    this.#done = database.prepare('DELETE FROM removals WHERE session = ?');
    this.#remove = database.prepare(
      'DELETE FROM entries WHERE session = ?1 AND identity IN (SELECT identity FROM entries WHERE session = ?1 AND time_ms < ?2 LIMIT ?3)',
    );
  }

  /** Undefined when the entry is new, and kept; else what is there. */
  insert(session: number, entry: IncomingEntry): StoredEntry | undefined {
    const record = entry.isSetAside === true ? this.#record.get(session, recordOf(entry.identity)) : undefined;
    if (record !== undefined) return this.#stored(session, String(record.identity));
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
      entry.request ?? null,
    );
    return changes === 0 ? this.#stored(session, entry.identity) : undefined;
  }

  /** How many a session has; `max` where it has more. */
  count(session: number, max: number): number {
    return Number(this.#count.get(session, max)?.entries);
  }

  holdBack({ session, identity, heldBack }: HeldBackEntry): void {
    this.#holdBack.run(HELD_BACK.indexOf(heldBack), session, identity);
  }

  noteRemoved(session: number, beforeMs: number): void {
    this.#note.run(session, beforeMs);
  }

  /** See Tables.sweep. */
  sweep(entriesMax: number): number {
    let removed = 0;
    while (removed < entriesMax) {
      const noted = this.#noted.get();
      if (noted === undefined) break;
      const { session = null, before_ms = null } = noted;
      const wanted = entriesMax - removed;
      const changes = Number(this.#remove.run(session, before_ms, wanted).changes);
      removed += changes;
      if (changes < wanted) this.#done.run(session);
    }
    return removed;
  }

  #stored(session: number, identity: string): StoredEntry {
    const row = this.#find.get(session, identity) ?? {};
    const amountsText = String(row.amounts);
    const costs = { cost: row.cost as bigint, listCost: row.list_cost as bigint };
    return { model: String(row.model), ...costs, amountsText, amounts: readAmounts(amountsText) };
  }
}

/** What is set aside: its identities begin with a mark that no record's has. */
export class AsideTable {
  readonly #any: StatementSync;
  readonly #one: StatementSync;
  readonly #remove: StatementSync;
  readonly #history: History;

  constructor(database: DatabaseSync) {
    this.#any = database.prepare(`SELECT 1 FROM entries WHERE session = ? AND identity >= '!' AND identity < '"' LIMIT 1`);
    this.#one = database.prepare('SELECT e.*, d.model FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ? AND e.identity = ?');
    this.#one.setReadBigInts(true);
    this.#remove = database.prepare('DELETE FROM entries WHERE session = ? AND identity = ?');
    this.#history = new History(database);
  }

  of(session: number): HistoryItem[] {
    return this.#any.get(session) === undefined ? [] : this.#history.setAside(session);
  }

  /** See Tables.release. */
  release(session: number, entries: readonly IncomingEntry[]): HistoryItem[] {
    if (this.#any.get(session) === undefined) return [];
    const fromMs = this.#history.removedBeforeMs(session);
    return entries.flatMap(({ identity }) => {
      const row = this.#one.get(session, asideIdentity(identity));
      if (row === undefined || Number(row.time_ms) < fromMs) return [];
      this.#remove.run(session, asideIdentity(identity));
      return [itemOf(row)];
    });
  }
}

/** What the entries of sessions with stand-ins say of their requests. */
export class RequestsTable {
  readonly #standIns: StatementSync;
  readonly #requests: StatementSync;
  readonly #cover: StatementSync;
  readonly #one: StatementSync;
  readonly #history: History;

  constructor(database: DatabaseSync) {
    this.#standIns = database.prepare('SELECT request FROM entries WHERE session = ? AND identity >= ? AND identity < ? AND request IS NOT NULL');
    this.#requests = database.prepare(
      `SELECT e.identity, e.time_ms, e.flags, e.request, e.amounts, d.model FROM entries e JOIN dims d ON d.id = e.dims
       WHERE e.session = ? AND e.time_ms >= ? AND e.series IS NULL AND (e.flags & ${SET_ASIDE | ADJUSTMENT}) = 0`,
    );
    this.#cover = database.prepare(`UPDATE entries SET flags = (flags & ~${COVERED}) | ? WHERE session = ? AND identity = ?`);
    this.#one = database.prepare('SELECT e.*, d.model FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ? AND e.identity = ?');
    this.#one.setReadBigInts(true);
    this.#history = new History(database);
  }

  /** Of which requests the session has stand-ins. */
  standIns(session: number): string[] {
    return this.#standIns.all(session, ...STAND_INS).map(({ request }) => String(request));
  }

  of(session: number): RequestItem[] {
    const items: RequestItem[] = [];
    for (const row of this.#requests.iterate(session, this.#history.removedBeforeMs(session))) {
      const flags = Number(row.flags);
      const request = row.request === null ? promptOf(row, flags) : String(row.request);
      if (request === undefined) continue;
      items.push({
        identity: String(row.identity),
        timeMs: Number(row.time_ms),
        request,
        isStandIn: isStandIn(flags),
        isCovered: (flags & COVERED) !== 0,
      });
    }
    return items;
  }

  cover({ session, identity, isCovered }: CoverMark): HistoryItem[] {
    this.#cover.run(isCovered ? COVERED : 0, session, identity);
    const row = this.#one.get(session, identity);
    return row === undefined ? [] : [itemOf(row)];
  }
}

export class History {
  readonly #entries: StatementSync;
  readonly #within: StatementSync;
  readonly #count: StatementSync;
  readonly #aside: StatementSync;
  readonly #adjustments: StatementSync;
  readonly #removed: StatementSync;

  constructor(database: DatabaseSync) {
    const entries = 'SELECT e.*, d.model FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ? AND e.time_ms >= ?';
    this.#entries = database.prepare(`${entries} AND ${DATED}`);
    this.#aside = database.prepare(`${entries} AND (e.flags & ${SET_ASIDE}) <> 0`);
    this.#aside.setReadBigInts(true);
    this.#adjustments = database.prepare(`${entries} AND ${IS_ADJUSTMENT}`);
    this.#adjustments.setReadBigInts(true);
    this.#removed = database.prepare('SELECT removed_before_ms FROM sessions WHERE id = ?');
    this.#entries.setReadBigInts(true);
    // What has no believable time may belong anywhere, and a point without a start covers all that was before it.
    this.#within = database.prepare(
      `SELECT e.*, d.model FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ? AND e.time_ms >= ? AND ${DATED}
       AND (e.time_ms >= ? AND min(ifnull(e.start_ms, 0), e.time_ms) <= ? OR (e.flags & ${TIME_UNCERTAIN}) <> 0)`,
    );
    this.#within.setReadBigInts(true);
    this.#count = database.prepare(
      `SELECT COUNT(*) AS entries FROM (SELECT 1 FROM entries e WHERE e.session = ? AND e.time_ms >= ? AND ${DATED} LIMIT ?)`,
    );
  }

  /** Oldest first, without what is set aside, adjustments and those that were noted as removed and still wait for it. See Tables.histories for the range. */
  of(session: number, range: TimeRange = ANYTIME): HistoryItem[] {
    const fromMs = this.removedBeforeMs(session);
    return itemsOf(
      range === ANYTIME
        ? this.#entries.iterate(session, fromMs)
        : this.#within.iterate(session, fromMs, Math.floor(range.fromMs) - SLACK_MS, Math.ceil(range.toMs) + SLACK_MS),
    );
  }

  /** How many entries `of` has; `max` where it has more. */
  count(session: number, max: number): number {
    return Number(this.#count.get(session, this.removedBeforeMs(session), max)?.entries);
  }

  setAside(session: number): HistoryItem[] {
    return itemsOf(this.#aside.iterate(session, this.removedBeforeMs(session)));
  }

  adjustments(session: number): HistoryItem[] {
    return itemsOf(this.#adjustments.iterate(session, this.removedBeforeMs(session)));
  }

  /** With what is set aside and adjustments. */
  whole(session: number): HistoryItem[] {
    return [...this.of(session), ...this.setAside(session), ...this.adjustments(session)];
  }

  /** As `of`, only what is later. */
  later(session: number, afterMs: number): HistoryItem[] {
    return itemsOf(this.#entries.iterate(session, Math.max(this.removedBeforeMs(session), afterMs + 1)));
  }

  /** Entries before then are noted as removed. */
  removedBeforeMs(session: number): number {
    return Number(this.#removed.get(session)?.removed_before_ms ?? 0);
  }
}

/** Row by row: a session may be long, and its rows take more memory than its items. */
function itemsOf(rows: Iterable<Record<string, unknown>>): HistoryItem[] {
  const items: HistoryItem[] = [];
  for (const row of rows) items.push(itemOf(row));
  return items.sort(inTimeOrder);
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
    isSetAside: isSetAside(flags),
    isStandIn: isStandIn(flags),
    isAdjustment: isAdjustment(flags),
    heldBack: HELD_BACK[Number(row.held_back)],
    startMs: Number(row.start_ms ?? 0) || undefined,
    dims: Number(row.dims),
    cost: row.cost as bigint,
    listCost: row.list_cost as bigint,
    amounts: readAmounts(String(row.amounts)),
    cumulative: row.series === null ? undefined : { series: String(row.series), startMs: Number(row.start_ms) },
    sequence: row.sequence === null ? undefined : Number(row.sequence),
    request: row.request === null ? undefined : String(row.request),
  };
}
