/**
 * The pair assertion: walks every session's entries again and compares what they come to with the roll-ups and with what is not moved into
 * them yet, and the roll-ups with each other. Sessions whose entries were pruned are compared among roll-ups only. All of it in one snapshot.
 */
import { SOURCE_COSTS } from '../../catalog/sources.ts';
import { Calendar, type CalendarOptions } from '../../core/calendar.ts';
import { ADJUSTMENT_MARK } from '../../ledger/adjustments.ts';
import { type HistoryItem, isNumbered, totalsByModel } from '../../ledger/history.ts';
import { closedMonthDifferences } from '../../ledger/moved-rows.ts';
import { type Company, NO_COMPANY } from '../../ledger/pools.ts';
import { FINEST, REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import { readSequences } from '../../ledger/sequence-gaps.ts';
import { Vector } from '../../ledger/sums.ts';
import { totalsOf } from '../../ledger/sums-text.ts';
import { CompanyReader } from './company-reader.ts';
import type { Sql, Transaction } from './connection.ts';
import { checkMinutes, checkPeople } from './consistency-lists.ts';
import { checkOnePlace, checkPlaces } from './consistency-places.ts';
import { checkCoarse, compareTotals } from './consistency-rollups.ts';
import { readRemoved } from './removed-sessions.ts';
import { sumsOf } from './rollup-totals.ts';
import { serverCursor } from './server-cursor.ts';
import { History } from './session-history.ts';
import { COSTS, IS_THERE } from './session-rows.ts';
import { bigint, int, numberArray, quotedName, type Row } from './sql-text.ts';

/** More differences than this are only counted. */
const DIFFERENCES_MAX = 100;
/** Their entries are in memory at once. */
const SESSIONS_AT_ONCE = 50;
const COLUMNS = ['slot', 'session', 'session_id', 'is_shared', 'removed_before_ms', 'numbered_events', 'missing_events', ...COSTS];
const QUARTER_S = 900;

export interface CheckOptions {
  readonly calendar: CalendarOptions;
  readonly slots: number;
  readonly asOfMs: number | undefined;
}

export async function checkLedger(sql: Transaction, { calendar, slots, asOfMs }: CheckOptions): Promise<string[]> {
  const all = new Vector();
  const checks = [
    checkSessions(sql, slots, all),
    checkFinest(sql, all),
    checkCoarse(sql, new Calendar(calendar)),
    checkMinutes(sql, asOfMs ?? 0),
    checkPeople(sql),
    checkOnePlace(sql),
    checkClosedMonths(sql),
  ];
  const differences: string[] = [];
  let more = 0;
  for (const check of checks) {
    for await (const difference of check) {
      if (differences.length < DIFFERENCES_MAX) differences.push(difference);
      else more++;
    }
  }
  return more > 0 ? [...differences, `… and ${more} more differences.`] : differences;
}

/** Walks every session. `all` takes what entries come to, without what is left of removed ones. */
async function* checkSessions(sql: Transaction, slots: number, all: Vector): AsyncGenerator<string, void> {
  const history = new History(sql, slots);
  const companies = new CompanyReader(sql, slots);
  const text = `SELECT ${COLUMNS.map((name) => `s.${quotedName(name)}`).join()} FROM sessions s
    WHERE ${IS_THERE} AND s.removed_before_ms <= s.last_ms ORDER BY s.slot, s.session`;
  for await (const page of serverCursor(sql, text, [], SESSIONS_AT_ONCE)) {
    const rows = page.map((cells): Row => Object.fromEntries(COLUMNS.map((name, index) => [name, cells[index]])));
    const sessions = rows.map(({ session }) => int(session));
    const items = await wholeHistories(history, sessions);
    const pools = await poolsAmong(sql, sessions);
    const company = new Map<number, Company>();
    for (const pool of pools) company.set(pool, await companies.of(pool));
    for (const row of rows) {
      const session = int(row.session);
      yield* checkSession(row, items.get(session) ?? [], company.get(session) ?? NO_COMPANY, all, await removedOf(sql, row));
    }
    yield* checkPlaces(sql, rows, items, company);
  }
}

function* checkSession(row: Row, items: readonly HistoryItem[], company: Company, all: Vector, removed: Vector): Iterable<string> {
  const derived = new Vector();
  for (const totals of totalsByModel(items, company).values()) derived.addVector(totals);
  all.addVector(derived);
  derived.addVector(removed);
  const byEntries = totalsOf(derived);
  for (const name of ['cost', ...SOURCE_COSTS] as const) {
    const kept = bigint(row[name]);
    if (byEntries.get(name) !== kept)
      yield `session ${row.session_id}: ${name} is ${byEntries.get(name)} by its entries and ${kept} by the sessions table.`;
  }
  const { events, missing } = readSequences(items.filter(isNumbered));
  if (BigInt(events) !== bigint(row.numbered_events) || BigInt(missing) !== bigint(row.missing_events)) {
    yield `session ${row.session_id}: ${missing} of ${events} event numbers are missing by its entries, ${row.missing_events} of ${row.numbered_events} by the sessions table.`;
  }
}

/** With what is set aside and adjustments. */
async function wholeHistories(history: History, sessions: readonly number[]): Promise<ReadonlyMap<number, readonly HistoryItem[]>> {
  const items = new Map<number, HistoryItem[]>();
  await history.of(sessions, (session, own) => items.set(session, [...own]));
  for (const more of [await history.setAside(sessions), await history.adjustments(sessions)])
    for (const [session, own] of more) items.getOrInsertComputed(session, () => []).push(...own);
  return items;
}

async function poolsAmong(sql: Sql, sessions: readonly number[]): Promise<readonly number[]> {
  const rows = await sql.rows('SELECT DISTINCT session FROM session_links WHERE session = ANY($1::int8[]) AND is_pool', [numberArray(sessions)]);
  return rows.map(({ session }) => int(session));
}

async function removedOf(sql: Sql, row: Row): Promise<Vector> {
  const sum = new Vector();
  if (int(row.removed_before_ms) === 0) return sum;
  for (const { vector } of await readRemoved(sql, int(row.session))) sum.addVector(vector);
  return sum;
}

/** All entries, with what is left of removed sessions, against the finest sums. */
async function* checkFinest(sql: Sql, entries: Vector): AsyncGenerator<string, void> {
  const derived = new Map(totalsOf(entries));
  for (const [name, removed] of await sumsOf(sql, [REMOVED_SESSIONS.table])) derived.set(name, (derived.get(name) ?? 0n) + removed);
  const [row] = await sql.rows(
    `SELECT count(*) AS count FROM sessions s WHERE ${IS_THERE} AND NOT s.is_dashboard AND left(s.first_identity, 1) <> '${ADJUSTMENT_MARK}'`,
  );
  derived.set('sessions', (derived.get('sessions') ?? 0n) + bigint(row?.count));
  yield* compareTotals(derived, await sumsOf(sql, [FINEST.table, 'recent']), 'entries', FINEST.table);
}

/** The columns of a closed month that do not come to what they were when it was closed, a sentence each. */
async function* checkClosedMonths(sql: Sql): AsyncGenerator<string, void> {
  for (const row of await sql.rows('SELECT month, from_quarter, to_quarter, totals FROM closed_months ORDER BY to_quarter')) {
    const edges = [int(row.from_quarter), int(row.to_quarter)].map((quarter) => quarter * QUARTER_S);
    const is = await sumsOf(sql, [FINEST.table, 'recent'], 'start_s >= $1 AND start_s < $2', edges);
    yield* closedMonthDifferences(String(row.month), String(row.totals), is, FINEST.table);
  }
}
