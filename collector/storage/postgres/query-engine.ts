/**
 * Answers a query in one statement, from the roll-ups with the fewest rows that can answer it exactly and from what is not moved into them
 * yet: a statement sees the ledger at one instant, so that a row that is being moved counts once.
 */
import type { MeasureName } from '../../catalog/measures.ts';
import type { Calendar, Grain } from '../../core/calendar.ts';
import { DAY_MS } from '../../core/duration.ts';
import { canonicalZone } from '../../core/time-zone.ts';
import { columnsOf } from '../../ledger/latency-buckets.ts';
import type { Query, Row, RowsQuery } from '../../ledger/ledger.ts';
import { MergedRows } from '../../ledger/merged-rows.ts';
import { periodStarts } from '../../ledger/period-starts.ts';
import { RollupChoice } from '../../ledger/rollup-choice.ts';
import { FINEST } from '../../ledger/rollups.ts';
import type { Sql, Transaction } from './connection.ts';
import { serverCursor } from './server-cursor.ts';
import { bigint, intOrNone, numberArray, quotedName, storable, textArray } from './sql-text.ts';

/** How many rows come at once, of an answer that may have any number. */
const PAGE_ROWS = 2_000;
/** Beyond, hours without anything are left out: of a century there would be a million. */
const HOURS_AT_ONCE_MS = 3 * 366 * DAY_MS;

type Cells = readonly unknown[];

/** Rows of one table. */
interface Part extends Pick<Query, 'fromMs' | 'toMs'> {
  readonly table: string;
  readonly grain: Grain;
}

/** Of the values of a statement where each stands. */
class Values {
  readonly list: unknown[] = [];

  add(value: unknown): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}

export class QueryEngine {
  readonly #calendarFor: (timeZone: string) => Calendar;
  readonly #choice: RollupChoice;
  readonly #pageRows: number;

  constructor(ledgerCalendar: Calendar, calendarFor: (timeZone: string) => Calendar, pageRows = PAGE_ROWS) {
    this.#choice = new RollupChoice(ledgerCalendar);
    this.#calendarFor = calendarFor;
    this.#pageRows = pageRows;
  }

  async rows(sql: Transaction, query: Query): Promise<Row[]> {
    const merged = new MergedRows(query);
    const found = await this.#statement(sql, { ...query, timeZone: canonicalZone(query.timeZone) });
    if (found === undefined) return [];
    const add = (cells: Cells): void => {
      const { startMs, key, values } = rowOf(query, cells);
      merged.add(startMs, key, values);
    };
    if (query.beyond === 'other') for await (const page of sql.pages(found.text, found.values, this.#pageRows)) page.forEach(add);
    else for (const cells of await sql.arrays(`${found.text}${limitOf(query)}`, found.values)) add(cells);
    return merged.rows();
  }

  /** All rows of a query, by period and then by key, a page at a time. */
  async *pages(sql: Transaction, asked: RowsQuery): AsyncGenerator<readonly Row[], void> {
    const query = { ...asked, timeZone: canonicalZone(asked.timeZone), rowsMax: Number.POSITIVE_INFINITY };
    const found = await this.#statement(sql, query);
    if (found === undefined) return;
    for await (const page of serverCursor(sql, found.text, found.values, this.#pageRows)) yield page.map((cells) => rowOf(query, cells));
  }

  /** Of rows of [period, …keys, …sums], by period and then by key: what ties, and what is left out, follows from them alone. Undefined where there is nothing at all. */
  async #statement(sql: Sql, query: Query): Promise<{ readonly text: string; readonly values: readonly unknown[] } | undefined> {
    const parts = this.#partsOf(query);
    const values = new Values();
    let starts = '';
    if (query.grain !== 'total' && parts.some(({ grain }) => grain !== query.grain)) {
      const found = await this.#starts(sql, query, query.grain);
      if (found.length === 0) return undefined;
      starts = `${values.add(numberArray(found))}::int8[]`;
    }
    const groups = groupsOf(query);
    const sums = query.measures.map((_, index) => `sum(m${index})`);
    const text = `SELECT ${[...groups, ...sums].join()} FROM (${parts.map((part) => selectOf(part, query, starts, values)).join('\nUNION ALL ')}) u
      ${groups.length > 0 ? `GROUP BY ${groups.join()}` : ''}
      HAVING ${sums.map((sum) => `${sum} <> 0`).join(' OR ') || 'false'} ${groups.length > 0 ? `ORDER BY ${groups.join()}` : ''}`;
    return { text, values: values.list };
  }

  /** The roll-ups that answer it, and quarters of an hour that are in none yet. */
  #partsOf(query: Query): readonly Part[] {
    const rolledUp = this.#choice.pieces(query).map((piece): Part => {
      const { table, grain } = this.#choice.rollupFor(piece);
      return { table, grain: grain === 'session' ? FINEST_GRAIN : grain, ...edgesOf(piece) };
    });
    return [...rolledUp, { table: 'recent', grain: FINEST_GRAIN, ...edgesOf(query) }];
  }

  /** Starts of all periods that may have anything, in seconds. The collector's calendar cuts, never the database's own time zones. */
  async #starts(sql: Sql, { fromMs, toMs, timeZone }: Query, grain: Exclude<Grain, 'total'>): Promise<readonly number[]> {
    const calendar = this.#calendarFor(timeZone);
    const span = fromMs === undefined || toMs === undefined ? await spanOf(sql) : undefined;
    const [first, last] = [fromMs ?? span?.firstMs, toMs === undefined ? span?.lastMs : toMs - 1];
    if (first === undefined || last === undefined || last < first) return [];
    if (grain !== 'hour' || last - first < HOURS_AT_ONCE_MS) return periodStarts(calendar, grain, first, last);
    const quarters = await sql.rows(
      `SELECT DISTINCT start_s FROM (SELECT start_s FROM ${FINEST.table} UNION ALL SELECT start_s FROM recent) q
       WHERE start_s >= $1 AND start_s <= $2 ORDER BY start_s`,
      [first / 1_000, last / 1_000].map(Math.floor),
    );
    return [...new Set(quarters.map(({ start_s }) => calendar.startOf(grain, calendar.periodOf(grain, Number(start_s) * 1_000)) / 1_000))];
  }
}

const FINEST_GRAIN = 'quarter_hour' satisfies Grain;

const edgesOf = ({ fromMs, toMs }: Pick<Query, 'fromMs' | 'toMs'>) => ({
  ...(fromMs !== undefined && { fromMs }),
  ...(toMs !== undefined && { toMs }),
});

/** From the first to the last quarter of an hour that has anything. */
async function spanOf(sql: Sql): Promise<{ readonly firstMs: number; readonly lastMs: number } | undefined> {
  const ends = [FINEST.table, 'recent'].map((table) => `SELECT min(start_s) AS first_s, max(start_s) AS last_s FROM ${table}`);
  const [row] = await sql.rows(`SELECT min(first_s) AS first_s, max(last_s) AS last_s FROM (${ends.join(' UNION ALL ')}) e`);
  const [first, last] = [intOrNone(row?.first_s), intOrNone(row?.last_s)];
  return first === undefined || last === undefined ? undefined : { firstMs: first * 1_000, lastMs: last * 1_000 };
}

/** One more than are allowed, so that there being more is seen. */
const limitOf = ({ rowsMax }: Query): string => (Number.isSafeInteger(rowsMax + 1) ? ` LIMIT ${rowsMax + 1}` : '');

const groupsOf = ({ grain, by }: Pick<Query, 'grain' | 'by'>): string[] => [
  ...(grain === 'total' ? [] : ['p']),
  ...by.map((_, index) => `k${index}`),
];

function selectOf({ table, grain, fromMs, toMs }: Part, query: Query, starts: string, values: Values): string {
  const { where, whereNot = [] } = query;
  const period = grain === query.grain ? 'r.start_s' : `(${starts})[width_bucket(r.start_s, ${starts})]`;
  const columns = [
    ...(query.grain === 'total' ? [] : [`${period} AS p`]),
    ...query.by.map((name, index) => `d.${quotedName(name)} AS k${index}`),
    ...query.measures.map((name, index) => `${sumOf(name)} AS m${index}`),
  ];
  // Most rows are about other measures.
  const isAnything = [...new Set(query.measures.flatMap(columnsOf))].map((column) => `r.${column} IS NOT NULL`).join(' OR ');
  const conditions = [
    ...(fromMs === undefined ? [] : [`r.start_s >= ${values.add(Math.ceil(fromMs / 1_000))}`]),
    ...(toMs === undefined ? [] : [`r.start_s < ${values.add(Math.ceil(toMs / 1_000))}`]),
    ...where.map(({ dimension, values: any }) => `d.${quotedName(dimension)} = ANY(${values.add(textArray(any.map(storable)))}::text[])`),
    ...whereNot.map(({ dimension, values: none }) => `d.${quotedName(dimension)} <> ALL(${values.add(textArray(none.map(storable)))}::text[])`),
    ...(isAnything === '' ? [] : [`(${isAnything})`]),
  ];
  const isNamed = query.by.length + where.length + whereNot.length > 0;
  const groups = groupsOf(query);
  return `SELECT ${columns.join()} FROM ${table} r${isNamed ? ' JOIN dims d ON d.id = r.dims' : ''}
      ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ${groups.length > 0 ? `GROUP BY ${groups.map((_, index) => index + 1).join()}` : ''}`;
}

/** What was never counted is NULL; of several columns each may be. */
function sumOf(name: MeasureName): string {
  const columns = columnsOf(name);
  return columns.length === 1 ? `sum(r.${columns[0]})` : `sum(${columns.map((column) => `coalesce(r.${column}, 0)`).join(' + ')})`;
}

function rowOf({ grain, by, measures }: Pick<Query, 'grain' | 'by' | 'measures'>, cells: Cells): Row & { readonly values: bigint[] } {
  const at = grain === 'total' ? 0 : 1;
  return {
    startMs: at === 0 ? undefined : Number(cells[0]) * 1_000,
    key: by.map((_, index) => String(cells[at + index])),
    values: measures.map((_, index) => bigint(cells[at + by.length + index])),
  };
}
