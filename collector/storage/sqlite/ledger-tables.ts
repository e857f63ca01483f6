/** The tables of the embedded ledger, as the engine asks them. */
import type { DatabaseSync } from 'node:sqlite';
import type { ClosedMonth } from '../../ledger/closed-months.ts';
import type { HistoryItem } from '../../ledger/history.ts';
import type { LocalTables } from '../../ledger/plan.ts';
import type { Link, Meeting } from '../../ledger/pools.ts';
import { ROLLUPS } from '../../ledger/rollups.ts';
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
  WantedSession,
} from '../../ledger/tables.ts';
import type { Watermark } from '../../ledger/watermark.ts';
import type { TimeRange } from '../../ledger/windows.ts';
import { ClosedMonthsTable, readClosedMonths } from './closed-months.ts';
import type { StateTable } from './counters.ts';
import { MinutesTable } from './minute-rates.ts';
import { PeopleTable } from './people.ts';
import { SliceReader } from './rollup-rebuild.ts';
import { addRows, RollupTable } from './rollup-table.ts';
import { AsideTable, EntriesTable, History, RequestsTable } from './session-entries.ts';
import { LinksTable } from './session-links.ts';
import { SessionPlacesTable } from './session-places.ts';
import { SessionsTable } from './sessions.ts';

export class SqliteTables implements LocalTables {
  readonly #database: DatabaseSync;
  readonly #closed: ClosedMonthsTable;
  readonly #state: StateTable;
  readonly #sessions: SessionsTable;
  readonly #entries: EntriesTable;
  readonly #aside: AsideTable;
  readonly #requests: RequestsTable;
  readonly #links: LinksTable;
  readonly #history: History;
  readonly #slices: SliceReader;
  readonly #rollups: ReadonlyMap<string, RollupTable>;
  readonly #minutes: MinutesTable;
  readonly #people: PeopleTable;
  readonly #places: SessionPlacesTable;

  constructor(database: DatabaseSync, state: StateTable) {
    this.#database = database;
    this.#closed = new ClosedMonthsTable(database);
    this.#state = state;
    this.#sessions = new SessionsTable(database);
    this.#entries = new EntriesTable(database);
    this.#aside = new AsideTable(database);
    this.#requests = new RequestsTable(database);
    this.#links = new LinksTable(database);
    this.#history = new History(database);
    this.#slices = new SliceReader(database);
    this.#rollups = new Map(ROLLUPS.map(({ table }) => [table, new RollupTable(database, table)]));
    this.#minutes = new MinutesTable(database);
    this.#people = new PeopleTable(database);
    this.#places = new SessionPlacesTable(database);
  }

  /** Nobody else writes this file. */
  othersWrite(): boolean {
    return false;
  }

  facts(): Facts {
    return this.#state.facts();
  }

  closedMonths(): ClosedMonth[] {
    return readClosedMonths(this.#database);
  }

  close(month: ClosedMonth, period: number | undefined): void {
    this.#closed.close(month, period);
  }

  poolsOn(days: readonly number[]): (Link & { readonly sessionId: string })[] {
    return this.#links.poolsOn(days);
  }

  link(links: readonly Link[]): Link[] {
    return this.#links.add(links);
  }

  links(sessions: readonly number[]): Link[] {
    return this.#links.of(sessions);
  }

  meetings(pools: readonly number[], linkMax: number): Map<number, Meeting[]> {
    return this.#links.meetings(pools, linkMax);
  }

  counts(sessions: readonly number[], max: number): Map<number, number> {
    return new Map(sessions.map((session) => [session, this.#history.count(session, max)]));
  }

  /** What is remembered holds. */
  sessions(wanted: readonly WantedSession[]): FoundSession[] {
    return wanted.filter(({ isRemembered }) => !isRemembered).map((session) => this.#sessions.findOrMake(session));
  }

  insert(bySession: readonly SessionEntries[]): Map<IncomingEntry, StoredEntry> {
    const there = new Map<IncomingEntry, StoredEntry>();
    for (const { session, entries } of bySession) {
      for (const entry of entries) {
        const stored = this.#entries.insert(session, entry);
        if (stored !== undefined) there.set(entry, stored);
      }
    }
    return there;
  }

  standIns(sessions: readonly number[]): Map<number, string[]> {
    const found = new Map<number, string[]>();
    for (const session of sessions) {
      const requests = this.#requests.standIns(session);
      if (requests.length > 0) found.set(session, requests);
    }
    return found;
  }

  requests(sessions: readonly number[]): Map<number, RequestItem[]> {
    return new Map(sessions.map((session) => [session, this.#requests.of(session)]));
  }

  cover(marks: readonly CoverMark[]): Map<number, HistoryItem[]> {
    const marked = new Map<number, HistoryItem[]>();
    for (const mark of marks) marked.getOrInsertComputed(mark.session, () => []).push(...this.#requests.cover(mark));
    return marked;
  }

  release(booked: readonly SessionEntries[]): Map<number, HistoryItem[]> {
    return new Map(booked.map(({ session, entries }) => [session, this.#aside.release(session, entries)]));
  }

  setAside(sessions: readonly number[]): Map<number, HistoryItem[]> {
    return new Map(sessions.map((session) => [session, this.#aside.of(session)]));
  }

  adjustments(sessions: readonly number[]): Map<number, HistoryItem[]> {
    return new Map(sessions.map((session) => [session, this.#history.adjustments(session)]));
  }

  newest(sessionsMax: number): number[] {
    return this.#sessions.newest(sessionsMax);
  }

  sweep(entriesMax: number): number {
    return this.#entries.sweep(entriesMax);
  }

  endedBefore(beforeMs: number, entriesMax: number): EndedSession[] {
    const chosen: EndedSession[] = [];
    let entries = 0;
    for (const ended of this.#sessions.endedBefore(beforeMs)) {
      entries += this.#entries.count(ended.session, entriesMax);
      if (chosen.length > 0 && entries > entriesMax) break;
      chosen.push(ended);
      if (chosen.length === entriesMax) break;
    }
    return chosen;
  }

  histories(sessions: readonly number[], take: (session: number, history: readonly HistoryItem[]) => void, range?: TimeRange): void {
    for (const session of sessions) take(session, this.#history.of(session, range));
  }

  later(sessions: ReadonlyMap<number, number>, take: (session: number, history: readonly HistoryItem[]) => void): void {
    for (const [session, afterMs] of sessions) take(session, this.#history.later(session, afterMs));
  }

  holdBack(entries: readonly HeldBackEntry[]): void {
    for (const entry of entries) this.#entries.holdBack(entry);
  }

  noteRemoved(sessions: readonly EndedSession[], beforeMs: number): void {
    for (const { session } of sessions) {
      this.#sessions.noteRemoved(session, beforeMs);
      this.#entries.noteRemoved(session, beforeMs);
      this.#links.removeOf(session);
    }
  }

  sweepMinutes(oldestMinute: number, ratesMax: number): number {
    return this.#minutes.removeBefore(oldestMinute, ratesMax);
  }

  quarters(from: Watermark, until: Watermark, rowsMax: number) {
    return this.#slices.read(from, until, rowsMax);
  }

  write({ rollups, moved = [], sessions, minutes, people, shares, counters, facts }: Changes): void {
    for (const { rollup, rows } of rollups) addRows(this.#rollups.get(rollup.table), rows);
    this.#closed.note(moved, facts.asOfMs ?? 0);
    for (const session of sessions) this.#sessions.update(session);
    this.#minutes.add(minutes);
    this.#people.widen(people);
    if (shares !== undefined) this.#places.add(shares);
    for (const [counter, amount] of counters) this.#state.count(counter, amount);
    this.#state.setFacts(facts);
  }
}
