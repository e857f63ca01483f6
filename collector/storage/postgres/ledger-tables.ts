/** The tables of the shared ledger, as the engine asks them in one transaction. */
import type { ClosedMonth } from '../../ledger/closed-months.ts';
import type { HistoryItem } from '../../ledger/history.ts';
import type { Link, Meeting } from '../../ledger/pools.ts';
import { FINEST, REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import type { RequestItem } from '../../ledger/stand-ins.ts';
import type {
  Changes,
  CoverMark,
  EndedSession,
  Facts,
  FoundSession,
  HeldBackEntry,
  IncomingEntry,
  SessionEntries,
  StoredEntry,
  Tables,
  WantedSession,
} from '../../ledger/tables.ts';
import type { TimeRange } from '../../ledger/windows.ts';
import { closeMonth, noteMoved } from './closed-months.ts';
import type { Sql } from './connection.ts';
import { count, readFacts, setAsOf } from './counters.ts';
import { EntryKinds } from './entry-kinds.ts';
import type { KnownSessions } from './known-sessions.ts';
import { addMinutes, removeMinutesBefore } from './minute-rates.ts';
import { readClosedMonths } from './moved-postings.ts';
import { widenPeople } from './people.ts';
import { Retention } from './retention.ts';
import { rowsOf, SumTable } from './rollup-table.ts';
import { EntriesTable } from './session-entries.ts';
import { History } from './session-history.ts';
import { LinksTable } from './session-links.ts';
import { addPlaces } from './session-places.ts';
import { SessionsTable } from './sessions.ts';
import { runEach, runTogether } from './together.ts';

const SECONDS_A_QUARTER = 900;
const SLOT_AND_REPLICA = [
  { name: 'slot', type: 'int2' },
  { name: 'replica', type: 'int4' },
];
const RECENT = new SumTable('recent', SLOT_AND_REPLICA, ['start_s', 'dims']);
const REMOVED = new SumTable(REMOVED_SESSIONS.table, [], ['session', 'dims']);

export interface TablesOptions {
  readonly replica: number;
  readonly slots: number;
  /** Of one replica, from transaction to transaction. It forgets when the engine does. */
  readonly known: KnownSessions;
}

export class PostgresTables implements Tables {
  readonly #sql: Sql;
  readonly #replica: number;
  readonly #slots: number;
  readonly #sessions: SessionsTable;
  readonly #entries: EntriesTable;
  readonly #kinds: EntryKinds;
  readonly #links: LinksTable;
  readonly #history: History;
  readonly #retention: Retention;

  /** `sql`: a transaction in READ COMMITTED, in which the replica has locked its own row of `replicas`. */
  constructor(sql: Sql, { replica, slots, known }: TablesOptions) {
    this.#sql = sql;
    this.#replica = replica;
    this.#slots = slots;
    this.#sessions = new SessionsTable(sql, slots, known);
    this.#entries = new EntriesTable(sql, slots, this.#sessions);
    this.#kinds = new EntryKinds(sql, slots, this.#sessions);
    this.#links = new LinksTable(sql, slots, this.#sessions, known);
    this.#history = new History(sql, slots);
    this.#retention = new Retention(sql, slots, { sessions: this.#sessions, history: this.#history, links: this.#links });
  }

  othersWrite(): boolean {
    return true;
  }

  facts(): Promise<Facts> {
    return readFacts(this.#sql);
  }

  closedMonths(): Promise<ClosedMonth[]> {
    return readClosedMonths(this.#sql);
  }

  close(month: ClosedMonth, period: number | undefined): Promise<void> {
    return closeMonth(this.#sql, month, period);
  }

  sessions(wanted: readonly WantedSession[]): Promise<FoundSession[]> {
    return this.#sessions.lock(wanted);
  }

  insert(bySession: readonly SessionEntries[]): Promise<Map<IncomingEntry, StoredEntry>> {
    return this.#entries.insert(bySession);
  }

  standIns(sessions: readonly number[]): Promise<Map<number, string[]>> {
    return this.#kinds.standIns(sessions);
  }

  requests(sessions: readonly number[]): Promise<Map<number, RequestItem[]>> {
    return this.#kinds.requests(sessions);
  }

  cover(marks: readonly CoverMark[]): Promise<Map<number, HistoryItem[]>> {
    return this.#kinds.cover(marks);
  }

  release(booked: readonly SessionEntries[]): Promise<Map<number, HistoryItem[]>> {
    return this.#kinds.release(booked);
  }

  setAside(sessions: readonly number[]): Promise<Map<number, HistoryItem[]>> {
    return this.#history.setAside(sessions);
  }

  adjustments(sessions: readonly number[]): Promise<Map<number, HistoryItem[]>> {
    return this.#history.adjustments(sessions);
  }

  poolsOn(days: readonly number[]): Promise<(Link & { readonly sessionId: string })[]> {
    return this.#links.poolsOn(days);
  }

  link(links: readonly Link[]): Promise<Link[]> {
    return this.#links.add(links);
  }

  links(sessions: readonly number[]): Promise<Link[]> {
    return this.#links.of(sessions);
  }

  meetings(pools: readonly number[], linkMax: number): Promise<Map<number, Meeting[]>> {
    return this.#links.meetings(pools, linkMax);
  }

  counts(sessions: readonly number[], max: number): Promise<Map<number, number>> {
    return this.#history.count(sessions, max);
  }

  newest(sessionsMax: number): Promise<number[]> {
    return this.#sessions.newest(sessionsMax);
  }

  sweep(entriesMax: number): Promise<number> {
    return this.#retention.sweep(entriesMax);
  }

  endedBefore(beforeMs: number, entriesMax: number): Promise<EndedSession[]> {
    return this.#retention.endedBefore(beforeMs, entriesMax);
  }

  histories(sessions: readonly number[], take: (session: number, history: readonly HistoryItem[]) => void, range?: TimeRange): Promise<void> {
    return this.#history.of(sessions, take, range);
  }

  later(sessions: ReadonlyMap<number, number>, take: (session: number, history: readonly HistoryItem[]) => void): Promise<void> {
    return this.#history.later(sessions, take);
  }

  holdBack(entries: readonly HeldBackEntry[]): Promise<void> {
    return this.#entries.holdBack(entries);
  }

  noteRemoved(sessions: readonly EndedSession[], beforeMs: number): Promise<void> {
    return this.#retention.note(sessions, beforeMs);
  }

  sweepMinutes(oldestMinute: number, ratesMax: number): Promise<number> {
    return removeMinutesBefore(this.#sql, oldestMinute, ratesMax);
  }

  quarters(): never {
    throw new Error('coarse roll-ups are not made with each transaction');
  }

  /** On a single database nearly all of it is one statement. */
  async write({ rollups, moved = [], sessions, minutes, people, shares, counters, facts }: Changes): Promise<void> {
    const slot = this.#sessions.slot;
    const quarters = rollups.filter(({ rollup }) => rollup === FINEST).flatMap(({ rows }) => rowsOf(rows, (quarter) => quarter * SECONDS_A_QUARTER));
    const removed = rollups.filter(({ rollup }) => rollup === REMOVED_SESSIONS).flatMap(({ rows }) => rowsOf(rows, (session) => session));
    const parts = [
      ...RECENT.add([slot, this.#replica], quarters),
      ...this.#sessions.updates([...sessions]),
      count(counters, slot, this.#replica),
      // As one statement even with nothing to add: that makes fewer texts.
      ...(minutes.size > 0 || this.#slots === 1 ? [addMinutes(minutes, this.#replica)] : []),
      ...(people.size > 0 || this.#slots === 1 ? [widenPeople(people, this.#replica)] : []),
      ...(facts.asOfMs === undefined ? [] : [setAsOf(facts.asOfMs, this.#replica)]),
    ];
    await (this.#slots === 1 ? runTogether(this.#sql, parts) : runEach(this.#sql, parts));
    await runEach(this.#sql, [...REMOVED.add([], removed), ...(shares === undefined ? [] : addPlaces(shares, this.#slots))]);
    await noteMoved(this.#sql, moved, facts.asOfMs ?? 0, this.#replica);
  }
}
