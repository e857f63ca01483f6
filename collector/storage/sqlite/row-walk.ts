/** All rows of a query in order, some periods at a time, so that memory does not grow with them. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { DimensionName } from '../../catalog/measures.ts';
import type { Filter } from '../../catalog/values.ts';
import { type Calendar, type Grain, QUARTER_MS } from '../../core/calendar.ts';
import { DAY_MS, HOUR_MS } from '../../core/duration.ts';
import { canonicalZone } from '../../core/time-zone.ts';
import type { Row, RowsQuery } from '../../ledger/ledger.ts';
import { TooManyRows } from '../../ledger/merged-rows.ts';
import { FINEST } from '../../ledger/rollups.ts';
import { compareKeys, inRowOrder } from '../../ledger/row-order.ts';
import type { QueryEngine } from './query-engine.ts';
import { createStatements } from './statements.ts';

/** How many rows are in memory, and in one page. */
export interface WalkPace {
  /** Rows that are added up and sorted at once. Beyond, fewer periods are read at once, then a part of one. */
  readonly rowsAtOnce: number;
  readonly pageRows: number;
}

const WALK_PACE: WalkPace = { rowsAtOnce: 100_000, pageRows: 2_000 };

/** So few rows are more at the next turn, so that periods with hardly anything in them cost no query each. */
const FEW = 1 / 20;
/** A period with too many rows is read in about so many parts. */
const PARTS = 8;
/** SQLite takes no more parameters than 32,766. */
const VALUES_MAX = 10_000;

/** No shorter than a period of the grain mostly is, and never as long as two. */
const LENGTH: Readonly<Record<Exclude<Grain, 'total'>, number>> = {
  quarter_hour: QUARTER_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 31 * DAY_MS,
};

/** A page, or undefined where others have their turn. */
type Pages = Generator<readonly Row[] | undefined, void>;

export class RowWalk {
  readonly #engine: Pick<QueryEngine, 'rows'>;
  readonly #calendarFor: (timeZone: string) => Calendar;
  readonly #statement: (sql: string) => StatementSync;
  readonly #pace: WalkPace;

  constructor(database: DatabaseSync, engine: Pick<QueryEngine, 'rows'>, calendarFor: (timeZone: string) => Calendar, pace: Partial<WalkPace> = {}) {
    this.#engine = engine;
    this.#calendarFor = calendarFor;
    this.#statement = createStatements((sql) => database.prepare(sql));
    this.#pace = { ...WALK_PACE, ...pace };
  }

  *pages(query: RowsQuery): Pages {
    const { grain, toMs = Number.POSITIVE_INFINITY } = query;
    if (grain === 'total') return yield* this.#part(query, 0);
    const calendar = this.#calendarFor(canonicalZone(query.timeZone));
    let periods = 1;
    for (let fromMs = this.#nextWithData(query.fromMs ?? 0); fromMs !== undefined && fromMs < toMs; ) {
      const endMs = Math.min(after(calendar, grain, fromMs, periods), toMs);
      const rows = yield* this.#rowsWithin({ ...query, fromMs, toMs: endMs });
      if (rows === undefined && periods > 1) {
        periods = Math.ceil(periods / 2);
        continue;
      }
      if (rows === undefined) yield* this.#parts({ ...query, fromMs, toMs: endMs }, 0);
      else yield* this.#pagesOf(rows);
      if (rows !== undefined && rows.length < this.#pace.rowsAtOnce * FEW) periods *= 2;
      fromMs = this.#nextWithData(endMs);
    }
  }

  /** The rows of one period, or of a part of it. */
  *#part(query: RowsQuery, depth: number): Pages {
    const rows = yield* this.#rowsWithin(query);
    if (rows === undefined) yield* this.#parts(query, depth);
    else yield* this.#pagesOf(rows);
  }

  /** Of one period, by values of one dimension after the other in their order. The dimensions before `depth` have one value each. */
  *#parts(query: RowsQuery, depth: number): Pages {
    const dimension = query.by[depth];
    if (dimension === undefined) return;
    for (const values of this.#valuesOf(dimension, query))
      yield* this.#part({ ...query, where: [...query.where, { dimension, values }] }, values.length === 1 ? depth + 1 : depth);
  }

  /** In order; undefined when they are too many. */
  *#rowsWithin(query: RowsQuery): Generator<undefined, readonly Row[] | undefined> {
    try {
      return (yield* this.#engine.rows({ ...query, rowsMax: this.#pace.rowsAtOnce })).sort(inRowOrder);
    } catch (error) {
      if (error instanceof TooManyRows) return undefined;
      throw error;
    }
  }

  *#pagesOf(rows: readonly Row[]): Pages {
    for (let from = 0; from < rows.length; from += this.#pace.pageRows) yield rows.slice(from, from + this.#pace.pageRows);
  }

  /** The first quarter of an hour from then on of which there is anything. */
  #nextWithData(fromMs: number): number | undefined {
    const sql = `SELECT MIN(bucket) AS bucket FROM ${FINEST.table} WHERE bucket >= ?`;
    const bucket = this.#statement(sql).get(Math.ceil(fromMs / QUARTER_MS))?.bucket;
    return typeof bucket === 'number' ? bucket * QUARTER_MS : undefined;
  }

  /** What a dimension can be where these filters hold, in order, in groups that stand for about as many combinations each. */
  #valuesOf(dimension: DimensionName, { where, whereNot = [] }: RowsQuery): string[][] {
    const conditions = [...where.map((filter) => conditionOf(filter, 'IN')), ...whereNot.map((filter) => conditionOf(filter, 'NOT IN'))];
    const parameters: SQLInputValue[] = [...where, ...whereNot].flatMap(({ values }) => values);
    const sql = `SELECT d.${dimension} AS value, COUNT(*) AS combinations FROM dims d WHERE ${conditions.join(' AND ') || 'TRUE'} GROUP BY 1`;
    const found = this.#statement(sql).all(...parameters);
    const counts = found.map(({ value, combinations }) => ({ value: String(value), combinations: Number(combinations) }));
    return inParts(counts.sort((a, b) => compareKeys([a.value], [b.value])));
  }
}

const conditionOf = ({ dimension, values }: Filter, is: string): string => `d.${dimension} ${is} (${values.map(() => '?').join()})`;

/** When a period begins that is about so many after that of the instant; of one, exactly the next. */
function after(calendar: Calendar, grain: Exclude<Grain, 'total'>, fromMs: number, periods: number): number {
  const periodAt = (ms: number): number => calendar.periodOf(grain, ms);
  const startOf = (ms: number): number => calendar.startOf(grain, periodAt(ms));
  let ms = startOf(fromMs) + periods * LENGTH[grain];
  while (startOf(ms) <= fromMs) ms += LENGTH[grain] / 2;
  let endMs = startOf(ms);
  // Where a clock goes back by half an hour, an hour begins within another.
  while (periodAt(endMs) === periodAt(endMs - QUARTER_MS)) endMs += QUARTER_MS;
  return endMs;
}

function inParts(counts: readonly { readonly value: string; readonly combinations: number }[]): string[][] {
  const most = counts.reduce((sum, { combinations }) => sum + combinations, 0) / PARTS;
  const parts: string[][] = [];
  let part: string[] = [];
  let combined = 0;
  for (const { value, combinations } of counts) {
    part.push(value);
    combined += combinations;
    if (combined < most && part.length < VALUES_MAX) continue;
    parts.push(part);
    part = [];
    combined = 0;
  }
  return part.length > 0 ? [...parts, part] : parts;
}
