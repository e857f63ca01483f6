/**
 * The pair assertion: walks every session's entries again and compares what they come to with the roll-ups, and the
 * roll-ups with each other. Sessions whose entries were pruned are compared among roll-ups only.
 */
import type { DatabaseSync } from 'node:sqlite';
import { type BookingItem, inTimeOrder, SessionBook } from '../booking.ts';
import { Calendar, type CalendarOptions, QUARTER_MS } from '../calendar.ts';
import { DIMENSION_NAMES, MEASURE_NAMES, type MeasureName } from '../measures.ts';
import { readAmounts, recognisedOf, signalOf } from './codec.ts';
import { BY_SESSION, COARSE, FINEST, type Rollup } from './rollups.ts';
import { Vector } from './vector.ts';

/** More differences than this are only counted. */
const DIFFERENCES_MAX = 100;

export function checkLedger(database: DatabaseSync, options: CalendarOptions): string[] {
  const differences = [...checkSessions(database), ...checkCoarse(database, new Calendar(options))];
  const more = differences.length - DIFFERENCES_MAX;
  return more > 0 ? [...differences.slice(0, DIFFERENCES_MAX), `… and ${more} more differences.`] : differences;
}

function* checkSessions(database: DatabaseSync): Iterable<string> {
  const entries = database.prepare('SELECT e.*, d.model FROM entries e JOIN dims d ON d.id = e.dims WHERE e.session = ?');
  entries.setReadBigInts(true);
  for (const row of database.prepare('SELECT id, session_id, is_dashboard FROM sessions WHERE is_pruned = 0').iterate()) {
    const items = entries.all(Number(row.id)).map(itemOf).sort(inTimeOrder);
    const derived = new Vector();
    for (const posting of new SessionBook<number>().bookAll(items)) derived.add(posting);
    if (row.is_dashboard === 0 && items.length > 0) derived.addCount('sessions', 1);
    yield* compare(`session ${row.session_id}`, totalsOf(derived), sumsOf(database, BY_SESSION, `bucket = ${row.id}`), 'entries', BY_SESSION.table);
  }
}

function itemOf(row: Record<string, unknown>): BookingItem<number> {
  const flags = Number(row.flags);
  return {
    identity: String(row.identity),
    timeMs: Number(row.time_ms),
    signal: signalOf(flags),
    model: String(row.model),
    modelRecognised: recognisedOf(flags),
    dims: Number(row.dims),
    cost: row.cost as bigint,
    listCost: row.list_cost as bigint,
    amounts: readAmounts(String(row.amounts)),
    cumulative: row.series === null ? undefined : { series: String(row.series), startMs: Number(row.start_ms) },
  };
}

type Totals = ReadonlyMap<MeasureName, bigint>;

const totalsOf = (vector: Vector): Totals => new Map(MEASURE_NAMES.map((name, index) => [name, BigInt(vector.values[index] ?? 0)]));

/** Sums in two halves, since a total over everything may not fit 64 bits. */
function sumsOf(database: DatabaseSync, rollup: Rollup, condition = '1'): Totals {
  const columns = MEASURE_NAMES.flatMap((name) => [`SUM(${name} / 1000000) AS ${name}_high`, `SUM(${name} % 1000000) AS ${name}_low`]);
  const statement = database.prepare(`SELECT ${columns.join()} FROM ${rollup.table} WHERE ${condition}`);
  statement.setReadBigInts(true);
  const row = statement.get() ?? {};
  const half = (name: string) => (row[name] as bigint | null) ?? 0n;
  return new Map(MEASURE_NAMES.map((name) => [name, half(`${name}_high`) * 1_000_000n + half(`${name}_low`)]));
}

function* compare(what: string, left: Totals, right: Totals, leftName: string, rightName: string): Iterable<string> {
  for (const [name, value] of left) {
    if (value !== right.get(name)) yield `${what}: ${name} is ${value} by ${leftName} and ${right.get(name)} by ${rightName}.`;
  }
}

/** Each coarse roll-up, row by row, against the finest one added up again. */
function* checkCoarse(database: DatabaseSync, calendar: Calendar): Iterable<string> {
  const all = sumsOf(database, FINEST);
  yield* compare('all', all, sumsOf(database, BY_SESSION), FINEST.table, BY_SESSION.table);
  for (const rollup of COARSE) {
    const expected = coarsen(database, rollup, calendar);
    for (const [key, cost] of costsOf(database, rollup)) {
      const derived = expected.get(key) ?? 0n;
      if (derived !== cost) yield `${rollup.table} ${key}: cost is ${cost}, the quarter hours come to ${derived}.`;
      expected.delete(key);
    }
    for (const [key, cost] of expected) if (cost !== 0n) yield `${rollup.table} ${key}: missing, the quarter hours come to ${cost}.`;
    yield* compare('all', all, sumsOf(database, rollup), FINEST.table, rollup.table);
  }
}

const KEY = (rollup: Rollup) =>
  DIMENSION_NAMES.filter((name) => rollup.dimensions.includes(name))
    .map((name) => `d.${name}`)
    .join(` || '/' || `);

function* costsOf(database: DatabaseSync, rollup: Rollup): Iterable<[string, bigint]> {
  const statement = database.prepare(
    `SELECT r.bucket, ${KEY(rollup)} AS key, SUM(r.cost) AS cost FROM ${rollup.table} r JOIN dims d ON d.id = r.dims GROUP BY 1, 2`,
  );
  statement.setReadBigInts(true);
  for (const row of statement.iterate()) yield [`${row.bucket}/${row.key}`, row.cost as bigint];
}

function coarsen(database: DatabaseSync, rollup: Rollup, calendar: Calendar): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  const statement = database.prepare(`SELECT r.bucket, ${KEY(rollup)} AS key, r.cost FROM ${FINEST.table} r JOIN dims d ON d.id = r.dims`);
  statement.setReadBigInts(true);
  for (const row of statement.iterate()) {
    const bucket = rollup.grain === 'session' ? 0 : calendar.periodOf(rollup.grain, Number(row.bucket) * QUARTER_MS);
    const key = `${bucket}/${row.key}`;
    sums.set(key, (sums.get(key) ?? 0n) + (row.cost as bigint));
  }
  return sums;
}
