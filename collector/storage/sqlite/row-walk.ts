/** All rows of a query in order, some periods at a time, so that memory does not grow with them. */
import type { DatabaseSync } from 'node:sqlite';
import { type Calendar, QUARTER_MS } from '../../core/calendar.ts';
import { canonicalZone } from '../../core/time-zone.ts';
import type { Row, RowsQuery } from '../../ledger/ledger.ts';
import { periodAfter } from '../../ledger/period-starts.ts';
import { FINEST } from '../../ledger/rollups.ts';
import type { QueryEngine } from './query-engine.ts';
import { type RowKeys, readKeys } from './row-keys.ts';
import { createStatements } from './statements.ts';

/** How many rows are in memory, and in one page. */
export interface WalkPace {
  /** Rows that are added up and sorted at once. Beyond, fewer periods are read at once, then a part of one. */
  readonly rowsAtOnce: number;
  readonly pageRows: number;
}

const WALK_PACE: WalkPace = { rowsAtOnce: 50_000, pageRows: 2_000 };

/** So few rows are more at the next turn, so that periods with hardly anything in them cost no query each. */
const FEW = 1 / 4;
/** A period with too many rows is read in so many parts, each of which may be too many again. */
const PARTS = 4;

/** A page, or undefined where others have their turn. */
type Pages = Generator<readonly Row[] | undefined, void>;

/** Ranks of keys, from one to before another. */
interface Ranks {
  readonly from: number;
  readonly until: number;
}

export class RowWalk {
  readonly #database: DatabaseSync;
  readonly #engine: Pick<QueryEngine, 'cells'>;
  readonly #calendarFor: (timeZone: string) => Calendar;
  readonly #next: ReturnType<typeof createStatements>;
  readonly #pace: WalkPace;

  constructor(database: DatabaseSync, engine: Pick<QueryEngine, 'cells'>, calendarFor: (timeZone: string) => Calendar, pace: Partial<WalkPace> = {}) {
    this.#database = database;
    this.#engine = engine;
    this.#calendarFor = calendarFor;
    this.#next = createStatements((sql) => database.prepare(sql));
    this.#pace = { ...WALK_PACE, ...pace };
  }

  *pages(query: RowsQuery): Pages {
    const { grain, toMs = Number.POSITIVE_INFINITY } = query;
    const keys = yield* readKeys(this.#database, query);
    const all = { from: 0, until: keys.keys.length };
    if (grain === 'total') return yield* this.#period(query, keys, all);
    const calendar = this.#calendarFor(canonicalZone(query.timeZone));
    let periods = 1;
    for (let fromMs = this.#nextWithData(query.fromMs ?? 0); fromMs !== undefined && fromMs < toMs; ) {
      const endMs = Math.min(periodAfter(calendar, grain, fromMs, periods), toMs);
      const within = { ...query, fromMs, toMs: endMs };
      const rows = yield* this.#rows(within, keys, all);
      if (rows === undefined && periods > 1) {
        periods = Math.ceil(periods / 2);
        continue;
      }
      if (rows === undefined) yield* this.#parts(within, keys, all);
      else yield* this.#pagesOf(rows);
      if (rows !== undefined && rows.length < this.#pace.rowsAtOnce * FEW) periods *= 2;
      fromMs = this.#nextWithData(endMs);
    }
  }

  *#period(query: RowsQuery, keys: RowKeys, ranks: Ranks): Pages {
    const rows = yield* this.#rows(query, keys, ranks);
    if (rows === undefined) yield* this.#parts(query, keys, ranks);
    else yield* this.#pagesOf(rows);
  }

  /** Of one period, some keys after the others. */
  *#parts(query: RowsQuery, keys: RowKeys, { from, until }: Ranks): Pages {
    const size = Math.ceil((until - from) / PARTS);
    for (let start = from; start < until; start += size) yield* this.#period(query, keys, { from: start, until: Math.min(start + size, until) });
  }

  /** In order; undefined when they are too many. */
  *#rows(query: RowsQuery, keys: RowKeys, { from, until }: Ranks): Generator<undefined, readonly Row[] | undefined> {
    const found = new FoundRows(this.#pace.rowsAtOnce);
    const steps = this.#engine.cells(query, (startMs, dims, values) => {
      const rank = keys.rankOf(dims);
      if (rank !== undefined && rank >= from && rank < until) found.add(startMs, rank, values);
    });
    for (let step = steps.next(); step.done !== true; step = steps.next()) {
      if (found.isTooMany) return undefined;
      yield;
    }
    return found.isTooMany ? undefined : found.sorted(keys);
  }

  *#pagesOf(rows: readonly Row[]): Pages {
    for (let from = 0; from < rows.length; from += this.#pace.pageRows) yield rows.slice(from, from + this.#pace.pageRows);
  }

  /** The first quarter of an hour from then on of which there is anything. */
  #nextWithData(fromMs: number): number | undefined {
    const sql = `SELECT MIN(bucket) AS bucket FROM ${FINEST.table} WHERE bucket >= ?`;
    const bucket = this.#next(sql).get(Math.ceil(fromMs / QUARTER_MS))?.bucket;
    return typeof bucket === 'number' ? bucket * QUARTER_MS : undefined;
  }
}

/** Cells added up by period and rank. */
class FoundRows {
  readonly #byPeriod = new Map<number | undefined, Map<number, bigint[]>>();
  readonly #rowsMax: number;
  #rows = 0;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get isTooMany(): boolean {
    return this.#rows > this.#rowsMax;
  }

  /** `values` are the row's own from then on. */
  add(startMs: number | undefined, rank: number, values: bigint[]): void {
    if (this.isTooMany) return;
    const byRank = this.#byPeriod.getOrInsertComputed(startMs, () => new Map<number, bigint[]>());
    const sums = byRank.get(rank);
    if (sums === undefined) {
      byRank.set(rank, values);
      this.#rows++;
    } else for (let index = 0; index < values.length; index++) sums[index] = (sums[index] ?? 0n) + (values[index] ?? 0n);
  }

  /** What was counted and taken back, or belongs to another measure, is no row. */
  sorted({ keys }: RowKeys): Row[] {
    const periods = [...this.#byPeriod].sort(([a = 0], [b = 0]) => a - b);
    return periods.flatMap(([startMs, byRank]) =>
      [...byRank]
        .filter(([, values]) => values.some((value) => value !== 0n))
        .sort(([a], [b]) => a - b)
        .map(([rank, values]) => ({ startMs, key: keys[rank] ?? [], values })),
    );
  }
}
