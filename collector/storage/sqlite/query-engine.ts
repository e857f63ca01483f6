/** Answers a query from the roll-up with the fewest rows that can answer it exactly, in steps that each hold the thread only shortly. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { MEASURES, type MeasureName } from '../../catalog/measures.ts';
import type { Grain } from '../../core/calendar.ts';
import { type Calendar, QUARTER_MS } from '../../core/calendar.ts';
import { canonicalZone } from '../../core/time-zone.ts';
import { columnsOf } from '../../ledger/latency-buckets.ts';
import type { Query, Row, RowsQuery } from '../../ledger/ledger.ts';
import { MergedRows } from '../../ledger/merged-rows.ts';
import { RollupChoice } from '../../ledger/rollup-choice.ts';
import { FINEST, type Rollup } from '../../ledger/rollups.ts';
import { BEGINNING, isBeforeWatermark, type Watermark } from '../../ledger/watermark.ts';
import { WatermarkReader } from './rollup-watermark.ts';
import { createStatements } from './statements.ts';
import { CarryReader, UNIT } from './wide.ts';

/** Splits a measure so that neither half can overflow 64 bits when millions of rows are added up. */
const HALF = 1_000_000n;

/** How much room sums need: money is always split, counts only once a sum of them has left 64 bits. */
type Width = 'narrow' | 'wide';
const NARROW = new Error('A sum of counts has left 64 bits.');

/** A query that took so long lets others have their turn: a small one is done within its first. */
const TURN_MS = 20;

/** Rows of a roll-up that one step reads: 3 to 25 ms. Nothing stops a statement of SQLite once it runs, so none may run long. */
const STEP_ROWS = 10_000;

/** How long a query holds its thread. */
export interface Pace {
  /** Rows of a roll-up that one step reads. Default: STEP_ROWS. */
  readonly stepRows?: number;
  /** After so long others have their turn. Default: TURN_MS. */
  readonly turnMs?: number;
}

/** `values` are the taker's own. */
type AddCell = (startMs: number | undefined, dims: number, values: bigint[]) => void;

/** What is left to do after it: the thread is free, and the state of the ledger has to stay the same. */
type Steps<Result> = Generator<undefined, Result>;

/** From a place in the order of a roll-up's key to before another; `until` undefined: to the end of what is asked. */
interface Part {
  readonly from: Watermark;
  readonly until: Watermark | undefined;
}

export class QueryEngine {
  readonly #ledgerCalendar: Calendar;
  readonly #choice: RollupChoice;
  readonly #calendarFor: (timeZone: string) => Calendar;
  readonly #watermark: WatermarkReader;
  readonly #carries: CarryReader;
  readonly #statement: (sql: string) => StatementSync;
  readonly #pace: Required<Pace>;
  /** When the query that runs began its turn. */
  #sinceMs = 0;

  constructor(database: DatabaseSync, ledgerCalendar: Calendar, calendarFor: (timeZone: string) => Calendar, pace: Pace = {}) {
    this.#pace = { stepRows: STEP_ROWS, turnMs: TURN_MS, ...pace };
    this.#watermark = new WatermarkReader(database);
    this.#carries = new CarryReader(database);
    this.#ledgerCalendar = ledgerCalendar;
    this.#choice = new RollupChoice(ledgerCalendar);
    this.#calendarFor = calendarFor;
    this.#statement = createStatements((sql) => {
      const statement = database.prepare(sql);
      statement.setReadBigInts(true);
      statement.setReturnArrays(true);
      return statement;
    });
  }

  *rows(asked: Query): Steps<Row[]> {
    const query = { ...asked, timeZone: canonicalZone(asked.timeZone) };
    this.#sinceMs = performance.now();
    try {
      return yield* this.#rows(query, 'narrow');
    } catch (error) {
      if (error !== NARROW && !isSumOverflow(error)) throw error;
      return yield* this.#rows(query, 'wide');
    }
  }

  /** Every cell of the roll-ups that answers a query, filters aside, by the number of its dimensions: in the order of periods, mostly. */
  *cells(asked: RowsQuery, add: AddCell): Steps<void> {
    const query = { ...asked, timeZone: canonicalZone(asked.timeZone), rowsMax: Number.POSITIVE_INFINITY };
    this.#sinceMs = performance.now();
    for (const piece of this.#choice.pieces(query)) {
      const rollup = this.#choice.rollupFor(piece);
      yield* this.#cellsOf(piece, rollup, BEGINNING, add);
      if (rollup !== FINEST) yield* this.#cellsOf(piece, FINEST, this.#watermark.read(), add);
    }
  }

  *#cellsOf(query: Query, rollup: Rollup, from: Watermark, add: AddCell): Steps<void> {
    const period = periodOf(rollup);
    const starts = this.#startsOf(query, period);
    const columns = query.measures.map(columnsOf);
    const selected = columns.flat().map((column) => `r.${column}`);
    // Most cells are about other measures.
    const isAnything = `(${selected.map((column) => `${column} <> 0`).join(' OR ')})`;
    for (const part of this.#parts(query, rollup, period, from)) {
      const { conditions, parameters } = this.#edgesOf(query, period, part);
      const sql = `SELECT ${['r.bucket', 'r.dims', ...selected].join()} FROM ${rollup.table} r ${whereOf([...conditions, isAnything])}`;
      for (const row of this.#statement(sql).iterate(...parameters) as Iterable<unknown> as Iterable<readonly bigint[]>) {
        add(starts(row[0] ?? 0n), Number(row[1]), sumsOf(columns, row, 2));
      }
      if (part.until !== undefined) yield* this.#giveTurn();
    }
    if (this.#carries.isEmpty) return;
    const { conditions, parameters } = this.#edgesOf(query, period, { from, until: undefined });
    const sql = `SELECT r.bucket, r.dims, r.measure, r.units FROM carries r ${whereOf(['r.rollup = ?', ...conditions])}`;
    for (const row of this.#statement(sql).all(rollup.table, ...parameters) as Iterable<unknown> as Iterable<readonly unknown[]>)
      add(starts(row[0] as bigint), Number(row[1]), carriedOf(query.measures, row, 2));
  }

  /** When the periods of rows begin; most have that of the row before. */
  #startsOf(query: Query, period: Grain): (bucket: bigint) => number | undefined {
    if (query.grain === 'total') return () => undefined;
    const calendar = this.#calendarFor(query.timeZone);
    let last = -1n;
    let startMs = 0;
    return (bucket) => {
      if (bucket !== last) startMs = this.#startOf(query, calendar, period, Number(bucket));
      last = bucket;
      return startMs;
    };
  }

  /** To others, once this one's turn has lasted long enough. */
  *#giveTurn(): Steps<void> {
    if (performance.now() - this.#sinceMs < this.#pace.turnMs) return;
    yield;
    this.#sinceMs = performance.now();
  }

  *#rows(query: Query, width: Width): Steps<Row[]> {
    const merged = new MergedRows(query);
    for (const piece of this.#choice.pieces(query)) {
      const rollup = this.#choice.rollupFor(piece);
      yield* this.#merge(piece, rollup, BEGINNING, width, merged);
      if (rollup !== FINEST) yield* this.#merge(piece, FINEST, this.#watermark.read(), width, merged);
    }
    return merged.rows();
  }

  /** Adds a roll-up's rows, from a watermark on, to what other roll-ups say. */
  *#merge(query: Query, rollup: Rollup, from: Watermark, width: Width, merged: MergedRows): Steps<void> {
    const period = periodOf(rollup);
    const calendar = this.#calendarFor(query.timeZone);
    const add = (row: readonly unknown[], values: bigint[]) => {
      const startMs = query.grain === 'total' ? undefined : this.#startOf(query, calendar, period, Number(row[0]));
      const key = query.by.map((_, index) => String(row[1 + index]));
      merged.add(startMs, key, values);
    };
    for (const part of this.#parts(query, rollup, period, from)) {
      for (const row of this.#select(query, rollup, period, part, width)) add(row, valuesOf(query.measures, row, 1 + query.by.length, width));
      if (part.until !== undefined) yield* this.#giveTurn();
    }
    for (const row of this.#selectCarried(query, rollup, period, from)) add(row, carriedOf(query.measures, row, 1 + query.by.length));
  }

  #startOf({ grain }: Query, calendar: Calendar, period: Grain, bucket: number): number {
    const bucketMs = this.#ledgerCalendar.startOf(period, bucket);
    return calendar.startOf(grain, calendar.periodOf(grain, bucketMs));
  }

  /** The roll-up's rows in the time range, in the order of its key, cut after every so many. */
  *#parts(query: Query, { table }: Rollup, period: Grain, beginning: Watermark): Iterable<Part> {
    for (let from: Watermark | undefined = beginning; from !== undefined; ) {
      const { conditions, parameters } = this.#edgesOf(query, period, { from, until: undefined });
      const sql = `SELECT r.bucket, r.dims FROM ${table} r ${whereOf(conditions)} ORDER BY r.bucket, r.dims LIMIT 1 OFFSET ${this.#pace.stepRows}`;
      const [next] = this.#statement(sql).all(...parameters) as Iterable<unknown> as Iterable<readonly unknown[]>;
      const until: Watermark | undefined = next === undefined ? undefined : { bucket: Number(next[0]), dims: Number(next[1]) };
      yield { from, until };
      from = until;
    }
  }

  /** Rows of [bucket, …keys, …sums], where each money measure takes two sums, and where they are wide each measure. */
  #select(query: Query, rollup: Rollup, period: Grain, part: Part, width: Width): Iterable<readonly unknown[]> {
    const { bucket, keys, joined, conditions, parameters } = this.#scopeOf(query, period, part);
    const isSummed = !this.#hasFewRowsEach(query, rollup, period);
    const groups = isSummed ? [...(query.grain === 'total' ? [] : [bucket]), ...keys] : [];
    const sums = query.measures.flatMap((name) => halvesOf(name, isSummed, width));
    const sql = `SELECT ${[bucket, ...keys, ...sums].join()} FROM ${rollup.table} r
      ${joined}
      ${whereOf(conditions)}
      ${groups.length > 0 ? `GROUP BY ${groups.join()}` : ''}`;
    return this.#statement(sql).iterate(...parameters) as Iterable<unknown> as Iterable<readonly unknown[]>;
  }

  /** Rows of [bucket, …keys, measure, units]: what was carried out of the cells that #select reads. */
  #selectCarried(query: Query, rollup: Rollup, period: Grain, from: Watermark): Iterable<readonly unknown[]> {
    if (this.#carries.isEmpty) return [];
    const { bucket, keys, joined, conditions, parameters } = this.#scopeOf(query, period, { from, until: undefined });
    const sql = `SELECT ${[bucket, ...keys].join()}, r.measure, SUM(r.units) FROM carries r ${joined}
      ${whereOf(['r.rollup = ?', ...conditions])} GROUP BY ${[...(query.grain === 'total' ? [] : [bucket]), ...keys, 'r.measure'].join()}`;
    return this.#statement(sql).all(rollup.table, ...parameters) as Iterable<unknown> as Iterable<readonly unknown[]>;
  }

  /** What a question asks of rows `r`, with names of dimensions `d`. */
  #scopeOf(query: Query, period: Grain, part: Part) {
    const bucket = query.grain === 'total' ? '0' : 'r.bucket';
    const keys = query.by.map((name) => `d.${name}`);
    const { conditions, parameters } = this.#edgesOf(query, period, part);
    const { where, whereNot = [] } = query;
    for (const { dimension, values, is } of [
      ...where.map((filter) => ({ ...filter, is: 'IN' })),
      ...whereNot.map((filter) => ({ ...filter, is: 'NOT IN' })),
    ]) {
      conditions.push(`d.${dimension} ${is} (${values.map(() => '?').join()})`);
      parameters.push(...values);
    }
    const needsDims = keys.length > 0 || where.length + whereNot.length > 0;
    return { bucket, keys, joined: needsDims ? 'JOIN dims d ON d.id = r.dims' : '', conditions, parameters };
  }

  /** Where in the order of a roll-up's key the part of a question begins and ends. One condition for each, so that SQLite seeks there. */
  #edgesOf({ fromMs, toMs }: Query, period: Grain, { from, until }: Part): { conditions: string[]; parameters: SQLInputValue[] } {
    const bucketOf = (edgeMs: number) => (period === 'quarter_hour' ? Math.ceil(edgeMs / QUARTER_MS) : this.#ledgerCalendar.periodOf(period, edgeMs));
    const conditions: string[] = [];
    const parameters: SQLInputValue[] = [];
    const edge = (operator: string, { bucket, dims }: Watermark) => {
      conditions.push(dims === 0 ? `r.bucket ${operator} ?` : `(r.bucket, r.dims) ${operator} (?, ?)`);
      parameters.push(bucket, ...(dims === 0 ? [] : [dims]));
    };
    const first = fromMs === undefined ? from : later(from, { bucket: bucketOf(fromMs), dims: 0 });
    if (first !== BEGINNING) edge('>=', first);
    if (until !== undefined) edge('<', until);
    else if (toMs !== undefined) edge('<', { bucket: bucketOf(toMs), dims: 0 });
    return { conditions, parameters };
  }

  /** One bucket, grouped by nearly all that the roll-up keeps apart: sorting its rows into groups is idle work, and the few that share a key are added up here. */
  #hasFewRowsEach({ by, fromMs, toMs }: Query, rollup: Rollup, period: Grain): boolean {
    if (rollup === FINEST || !rollup.dimensions.every((name) => name === 'repository' || by.includes(name))) return false;
    if (period === 'total') return true;
    return (
      fromMs !== undefined && toMs !== undefined && this.#ledgerCalendar.periodOf(period, toMs - 1) === this.#ledgerCalendar.periodOf(period, fromMs)
    );
  }
}

const periodOf = ({ grain }: Rollup): Grain => (grain === 'session' ? 'quarter_hour' : grain);

const whereOf = (conditions: readonly string[]): string => (conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '');

const later = (a: Watermark, b: Watermark): Watermark => (a === BEGINNING || isBeforeWatermark(a.bucket, a.dims, b) ? b : a);

function halvesOf(name: MeasureName, isSummed: boolean, width: Width): string[] {
  const sum = (part: (column: string) => string) => {
    const term = columnsOf(name)
      .map((column) => part(`r.${column}`))
      .join(' + ');
    return isSummed ? `SUM(${term})` : term;
  };
  if (isSplit(name, width)) return [sum((column) => `${column} / ${HALF}`), sum((column) => `${column} % ${HALF}`)];
  return [sum((column) => column)];
}

const isSplit = (name: MeasureName, width: Width): boolean => width === 'wide' || MEASURES[name].unit === 'usd';

function valuesOf(measures: readonly MeasureName[], row: readonly unknown[], from: number, width: Width): bigint[] {
  let at = from;
  const next = () => {
    // A sum over no rows is NULL: nothing was spent.
    const sum = row[at++] ?? 0n;
    if (typeof sum !== 'bigint') throw NARROW;
    return sum;
  };
  return measures.map((name) => (isSplit(name, width) ? next() * HALF + next() : next()));
}

/** Of a row whose cells are the columns of each measure, one after the other. */
function sumsOf(columns: readonly (readonly string[])[], row: readonly bigint[], from: number): bigint[] {
  const sums: bigint[] = [];
  let at = from;
  for (const names of columns) {
    let sum = row[at++] ?? 0n;
    for (let more = names.length; more > 1; more--) sum += row[at++] ?? 0n;
    sums.push(sum);
  }
  return sums;
}

/** Of a row of #selectCarried. */
function carriedOf(measures: readonly MeasureName[], row: readonly unknown[], from: number): bigint[] {
  const column = row[from] as MeasureName;
  const units = row[from + 1] as bigint;
  return measures.map((name) => (columnsOf(name).includes(column) ? units * UNIT : 0n));
}

/** What SQLite throws when SUM leaves 64 bits. */
const isSumOverflow = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'message' in error && error.message === 'integer overflow';
