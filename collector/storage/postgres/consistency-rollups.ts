/** The pair assertion for the coarse roll-ups: each, row by row, against the finest one added up again, a period at a time. */
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import type { Calendar, Grain } from '../../core/calendar.ts';
import { SECOND_MS } from '../../core/duration.ts';
import { COARSE, FINEST, type Rollup } from '../../ledger/rollups.ts';
import type { Totals } from '../../ledger/sums-text.ts';
import type { Transaction } from './connection.ts';
import { sumsOf } from './rollup-totals.ts';
import { serverCursor } from './server-cursor.ts';
import { bigint, quotedName } from './sql-text.ts';

const ROWS_AT_ONCE = 5_000;

export function* compareTotals(left: Totals, right: Totals, leftName: string, rightName: string): Iterable<string> {
  for (const [name, value] of left) {
    if (value !== right.get(name)) yield `all: ${name} is ${value} by ${leftName} and ${right.get(name)} by ${rightName}.`;
  }
}

/** What is not moved into the roll-ups yet is in none of them. */
export async function* checkCoarse(sql: Transaction, calendar: Calendar): AsyncGenerator<string, void> {
  const all = await sumsOf(sql, [FINEST.table]);
  for (const rollup of COARSE) {
    yield* checkRows(sql, rollup, calendar);
    yield* compareTotals(all, await sumsOf(sql, [rollup.table]), FINEST.table, rollup.table);
  }
}

async function* checkRows(sql: Transaction, rollup: Rollup, calendar: Calendar): AsyncGenerator<string, void> {
  const grain = rollup.grain as Exclude<Rollup['grain'], 'session'>;
  const kept = periodsOf(sql, rollup, rollup.table, (startS) => startS);
  const derived = periodsOf(sql, rollup, FINEST.table, (startS) => startOf(calendar, grain, startS));
  let [left, right] = [await kept.next(), await derived.next()];
  while (left.done !== true || right.done !== true) {
    const [one, other] = [left.done === true ? undefined : left.value, right.done === true ? undefined : right.value];
    const startS = Math.min(one?.startS ?? Number.POSITIVE_INFINITY, other?.startS ?? Number.POSITIVE_INFINITY);
    const hasOne = one?.startS === startS;
    const hasOther = other?.startS === startS;
    const name = `${rollup.table} ${new Date(startS * SECOND_MS).toISOString()}`;
    yield* compareCosts(name, hasOne ? one.costs : new Map(), hasOther ? other.costs : new Map());
    if (hasOne) left = await kept.next();
    if (hasOther) right = await derived.next();
  }
}

function* compareCosts(name: string, kept: ReadonlyMap<string, bigint>, derived: Map<string, bigint>): Iterable<string> {
  for (const [key, cost] of kept) {
    const expected = derived.get(key) ?? 0n;
    if (expected !== cost) yield `${name}/${key}: cost is ${cost}, the quarter hours come to ${expected}.`;
    derived.delete(key);
  }
  for (const [key, cost] of derived) if (cost !== 0n) yield `${name}/${key}: missing, the quarter hours come to ${cost}.`;
}

const startOf = (calendar: Calendar, grain: Grain, startS: number): number =>
  grain === 'total' ? 0 : calendar.startOf(grain, calendar.periodOf(grain, startS * SECOND_MS)) / SECOND_MS;

/** As it is shown, too. A slash within a name is escaped, so that no two lists of names look alike. */
const keyOf = ({ dimensions }: Rollup): string =>
  DIMENSION_NAMES.filter((name) => dimensions.includes(name))
    .map((name) => `replace(replace(d.${quotedName(name)}, '\\', '\\\\'), '/', '\\/')`)
    .join(` || '/' || `);

interface Period {
  readonly startS: number;
  /** By the names of the dimensions that are kept. */
  readonly costs: Map<string, bigint>;
}

/** The costs of a table's rows, added up by period in their order. */
async function* periodsOf(sql: Transaction, rollup: Rollup, table: string, periodAt: (startS: number) => number): AsyncGenerator<Period, void> {
  const text = `SELECT r.start_s, ${keyOf(rollup)}, sum(r.cost) FROM ${table} r JOIN dims d ON d.id = r.dims WHERE r.cost IS NOT NULL
    GROUP BY 1, 2 ORDER BY 1`;
  let period: Period | undefined;
  for await (const page of serverCursor(sql, text, [], ROWS_AT_ONCE)) {
    for (const [start, key, cost] of page) {
      const startS = periodAt(Number(start));
      if (period !== undefined && period.startS !== startS) yield period;
      if (period?.startS !== startS) period = { startS, costs: new Map() };
      period.costs.set(String(key), (period.costs.get(String(key)) ?? 0n) + bigint(cost));
    }
  }
  if (period !== undefined) yield period;
}
