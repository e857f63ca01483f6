/**
 * The pair assertion: walks every session's entries again and compares what they come to with the roll-ups, and the
 * roll-ups with each other. Sessions whose entries were pruned are compared among roll-ups only.
 */
import type { DatabaseSync } from 'node:sqlite';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { SOURCE_COSTS } from '../../catalog/sources.ts';
import { Calendar, type CalendarOptions, QUARTER_MS } from '../../core/calendar.ts';
import { isNumbered, totalsByModel } from '../../ledger/history.ts';
import { COARSE, FINEST, REMOVED_SESSIONS, type Rollup } from '../../ledger/rollups.ts';
import { readSequences } from '../../ledger/sequence-gaps.ts';
import { Vector } from '../../ledger/sums.ts';
import { type Totals, totalsOf } from '../../ledger/sums-text.ts';
import { checkClosedMonths } from './closed-months.ts';
import { checkMinutes, checkPeople } from './consistency-lists.ts';
import { checkPlaces } from './consistency-places.ts';
import { removedOf } from './removed-sessions.ts';
import { sumsOf } from './rollup-totals.ts';
import { WatermarkReader } from './rollup-watermark.ts';
import { History } from './session-entries.ts';
import { CompanyReader } from './session-links.ts';
import { HAS_RECORDS } from './sessions.ts';
import { UNIT, wideOf } from './wide.ts';

/** More differences than this are only counted. */
const DIFFERENCES_MAX = 100;

export function checkLedger(database: DatabaseSync, options: CalendarOptions): string[] {
  const all = new Vector();
  const differences = [
    ...checkSessions(database, all),
    ...checkFinest(database, all),
    ...checkCoarse(database, new Calendar(options)),
    ...checkMinutes(database),
    ...checkPeople(database),
    ...checkPlaces(database),
    ...checkClosedMonths(database),
  ];
  const more = differences.length - DIFFERENCES_MAX;
  return more > 0 ? [...differences.slice(0, DIFFERENCES_MAX), `… and ${more} more differences.`] : differences;
}

/** Walks every session. `all` takes what entries come to, together with what is left of removed sessions. */
function* checkSessions(database: DatabaseSync, all: Vector): Iterable<string> {
  const history = new History(database);
  const companies = new CompanyReader(database);
  const rows = database.prepare('SELECT * FROM sessions WHERE removed_before_ms <= last_ms');
  rows.setReadBigInts(true);
  for (const row of rows.iterate()) {
    const derived = new Vector();
    const items = history.whole(Number(row.id));
    for (const totals of totalsByModel(items, companies.of(Number(row.id))).values()) derived.addVector(totals);
    all.addVector(derived);
    if (row.removed_before_ms !== 0n) for (const totals of removedOf(database, Number(row.id)).values()) derived.addVector(totals);
    const byEntries = totalsOf(derived);
    for (const name of ['cost', ...SOURCE_COSTS] as const) {
      const kept = wideOf(row, name);
      if (byEntries.get(name) !== kept) {
        yield `session ${row.session_id}: ${name} is ${byEntries.get(name)} by its entries and ${kept} by the sessions table.`;
      }
    }
    const { events, missing } = readSequences(items.filter(isNumbered));
    if (BigInt(events) !== row.numbered_events || BigInt(missing) !== row.missing_events) {
      yield `session ${row.session_id}: ${missing} of ${events} event numbers are missing by its entries, ${row.missing_events} of ${row.numbered_events} by the sessions table.`;
    }
  }
}

function* compare(what: string, left: Totals, right: Totals, leftName: string, rightName: string): Iterable<string> {
  for (const [name, value] of left) {
    if (value !== right.get(name)) yield `${what}: ${name} is ${value} by ${leftName} and ${right.get(name)} by ${rightName}.`;
  }
}

/** All entries, with what is left of removed sessions, against the finest roll-up. */
function* checkFinest(database: DatabaseSync, entries: Vector): Iterable<string> {
  const derived = new Map(totalsOf(entries));
  for (const [name, removed] of sumsOf(database, REMOVED_SESSIONS)) derived.set(name, (derived.get(name) ?? 0n) + removed);
  const counted = `SELECT COUNT(*) AS count FROM sessions WHERE is_dashboard = 0 AND ${HAS_RECORDS}`;
  derived.set('sessions', (derived.get('sessions') ?? 0n) + BigInt(Number(database.prepare(counted).get()?.count)));
  yield* compare('all', derived, sumsOf(database, FINEST), 'entries', FINEST.table);
}

/** Each coarse roll-up, row by row, against the finest one added up again. */
function* checkCoarse(database: DatabaseSync, calendar: Calendar): Iterable<string> {
  const watermark = new WatermarkReader(database).read();
  const condition = `(bucket, dims) < (${watermark.bucket}, ${watermark.dims})`;
  const all = sumsOf(database, FINEST, condition);
  for (const rollup of COARSE) {
    const expected = coarsen(database, rollup, calendar, condition);
    for (const [key, cost] of costsOf(database, rollup)) {
      const derived = expected.get(key) ?? 0n;
      if (derived !== cost) yield `${rollup.table} ${key}: cost is ${cost}, the quarter hours come to ${derived}.`;
      expected.delete(key);
    }
    for (const [key, cost] of expected) if (cost !== 0n) yield `${rollup.table} ${key}: missing, the quarter hours come to ${cost}.`;
    yield* compare('all', all, sumsOf(database, rollup), FINEST.table, rollup.table);
  }
}

/** As it is shown, too. A slash within a name is escaped, so that no two lists of names look alike. */
const KEY = (rollup: Rollup) =>
  DIMENSION_NAMES.filter((name) => rollup.dimensions.includes(name))
    .map((name) => `replace(replace(d.${name}, '\\', '\\\\'), '/', '\\/')`)
    .join(` || '/' || `);

function costsOf(database: DatabaseSync, rollup: Rollup): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { bucket, key, cost } of costRows(database, rollup, rollup)) add(sums, `${bucket}/${key}`, cost);
  return sums;
}

function coarsen(database: DatabaseSync, rollup: Rollup, calendar: Calendar, condition: string): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { bucket, key, cost } of costRows(database, FINEST, rollup, condition)) {
    const period = rollup.grain === 'session' ? 0 : calendar.periodOf(rollup.grain, bucket * QUARTER_MS);
    add(sums, `${period}/${key}`, cost);
  }
  return sums;
}

function add(sums: Map<string, bigint>, key: string, cost: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + cost);
}

interface CostRow {
  readonly bucket: number;
  readonly key: string;
  readonly cost: bigint;
}

/** The costs of a roll-up's rows, by the names of `keyed`'s dimensions. */
function* costRows(database: DatabaseSync, { table }: Rollup, keyed: Rollup, condition = '1'): Iterable<CostRow> {
  const carried = `SELECT bucket, dims, units AS cost FROM carries WHERE rollup = '${table}' AND measure = 'cost'`;
  for (const [rows, factor] of [[`SELECT bucket, dims, cost FROM ${table}`, 1n] as const, [carried, UNIT] as const]) {
    const statement = database.prepare(
      `SELECT r.bucket, ${KEY(keyed)} AS key, r.cost FROM (${rows}) r JOIN dims d ON d.id = r.dims WHERE ${condition}`,
    );
    statement.setReadBigInts(true);
    for (const row of statement.iterate()) yield { bucket: Number(row.bucket), key: String(row.key), cost: (row.cost as bigint) * factor };
  }
}
