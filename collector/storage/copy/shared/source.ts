/** The ledger in a database that is copied: one instant of it at a time, while its collectors go on. */
import { DIMENSION_NAMES, MEASURE_NAMES } from '../../../catalog/measures.ts';
import type { CalendarOptions } from '../../../core/calendar.ts';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../../core/duration.ts';
import type { LedgerReader } from '../../../ledger/ledger.ts';
import { FINEST, REMOVED_SESSIONS } from '../../../ledger/rollups.ts';
import { QUARTER_S } from '../../postgres/coarse-sums.ts';
import type { Database, Sql, Transaction } from '../../postgres/connection.ts';
import { readLatest } from '../../postgres/counters.ts';
import { openReader } from '../../postgres/ledger-reader.ts';
import { AS_OF, lockAll } from '../../postgres/replicas.ts';
import { isRunning } from '../../postgres/running.ts';
import { serverCursor } from '../../postgres/server-cursor.ts';
import { bigint, int, intOrNone, numberArray, quotedName } from '../../postgres/sql-text.ts';
import type { Target } from '../../postgres/target.ts';
import { markOf } from '../cells.ts';
import type { Cells, Combination, CopySource, DayTable, Figures, LedgerFacts, SessionTable, SmallTable, SourceSession, Sums } from '../ends.ts';
import { UNHURRIED_READER } from '../ends.ts';
import { BesideTables } from './beside.ts';
import { readFigures } from './figures.ts';
import { readErasureKey, readSmall } from './small.ts';
import { type Column, cellsOf, int8, SharedTables, text } from './tables.ts';
import { UNHURRIED, UNHURRIED_INSTANT } from './unhurried.ts';

const ROWS_AT_ONCE = 5_000;
const SESSIONS_AT_ONCE = 500;
const DAY_S = DAY_MS / SECOND_MS;
const MINUTES_A_DAY = DAY_MS / MINUTE_MS;
const MEASURES = MEASURE_NAMES.map(quotedName);

/** Changes with whatever is written of a session. */
const STATES = `SELECT s.session, (SELECT count(*) FROM entries e WHERE e.slot = s.slot AND e.part = s.part AND e.session = s.session) AS entries,
    (SELECT sum(held_back) FROM entries e WHERE e.slot = s.slot AND e.part = s.part AND e.session = s.session) AS held_back,
    (SELECT before_ms FROM removals r WHERE r.slot = s.slot AND r.session = s.session) AS removal
  FROM unnest($1::int2[], $2::int8[]) AS w(slot, session) JOIN sessions s ON s.slot = w.slot AND s.session = w.session`;
const LINKS = 'SELECT session, count(*) AS links FROM session_links WHERE session = ANY($1::int8[]) GROUP BY session';

const SUMS = `SELECT start_s, dims, ${MEASURES.map((name) => `sum(${name})`).join()} FROM (
    SELECT start_s, dims, ${MEASURES.join()} FROM ${FINEST.table} WHERE start_s >= $1 AND start_s < $2
    UNION ALL SELECT start_s, dims, ${MEASURES.join()} FROM recent WHERE start_s >= $1 AND start_s < $2
  ) AS sums GROUP BY start_s, dims`;
/** Rows of several replicas are several. */
const SIZES = `SELECT start_s, count(*) FROM (
    SELECT start_s FROM ${FINEST.table} WHERE start_s >= $1 AND start_s < $2 UNION ALL SELECT start_s FROM recent WHERE start_s >= $1 AND start_s < $2
  ) AS sums GROUP BY start_s`;
const FIRST = `SELECT least((SELECT min(start_s) FROM ${FINEST.table} WHERE start_s >= $1), (SELECT min(start_s) FROM recent WHERE start_s >= $1)) AS start_s`;

interface DayQuestion {
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly days: string;
  readonly size: number;
}

/** What each replica has of its own is put together. */
const DAYS: Readonly<Record<DayTable, DayQuestion>> = {
  minutes: {
    sql: 'SELECT minute, dims, sum(requests), sum(tokens) FROM minutes WHERE minute >= $1 AND minute < $2 GROUP BY minute, dims ORDER BY minute, dims',
    columns: ['minute', 'dims', 'requests', 'tokens'].map(int8),
    ...{ days: `SELECT DISTINCT minute / ${MINUTES_A_DAY} FROM minutes ORDER BY 1`, size: MINUTES_A_DAY },
  },
  api_requests: {
    sql: `SELECT day, request, time_ms, organization, workspace, model, input, output, cache_read, cache_creation_5m, cache_creation_1h, list_cost
      FROM api_requests WHERE day >= $1 AND day < $2 ORDER BY day, request`,
    columns: [
      ...[int8('day'), text('request'), int8('time_ms'), text('organization'), text('workspace'), text('model'), int8('input'), int8('output')],
      ...[int8('cache_read'), int8('cache_creation_5m'), int8('cache_creation_1h'), int8('list_cost')],
    ],
    ...{ days: 'SELECT DISTINCT day FROM api_requests ORDER BY 1', size: 1 },
  },
};
export interface SharedSourceOptions {
  readonly database: Database;
  readonly target: Target;
  readonly calendar: CalendarOptions;
  readonly slots: number;
}

export class SharedSource implements CopySource {
  readonly name: string;
  readonly beside: BesideTables;
  readonly #options: SharedSourceOptions;
  readonly #tables = new SharedTables();
  /** Of an instant. */
  #held: Transaction | undefined;

  constructor(options: SharedSourceOptions) {
    const { hosts, database } = options.target;
    this.name = `postgres://${hosts.map(({ host, port }) => `${host}:${port}`).join()}/${database}`;
    this.#options = options;
    this.beside = new BesideTables(options.database, this.#tables);
  }

  async instant<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    try {
      return await this.#options.database.transaction(
        async (sql) => {
          this.#held = sql;
          return run();
        },
        { begin: UNHURRIED_INSTANT, attempts: 1 },
      );
    } finally {
      this.#held = undefined;
    }
  }

  /** Rows of replicas are locked meanwhile: one that starts waits, and says so when it takes too long. */
  unwritten<Answer>(run: () => Promise<Answer>): Promise<Answer | undefined> {
    return this.#options.database.transaction(
      async (sql) => {
        if (await isRunning(sql)) return undefined;
        await lockAll(sql);
        return (await isRunning(sql)) ? undefined : run();
      },
      { begin: UNHURRIED, attempts: 1 },
    );
  }

  async *combinations(): AsyncGenerator<readonly Combination[], void> {
    const names = DIMENSION_NAMES.map(quotedName).join();
    for await (const rows of this.#pages(`SELECT id, ${names} FROM dims ORDER BY id`, [])) {
      yield rows.map(([id, ...values]) => ({ id: bigint(id), names: values.map(String) }));
    }
  }

  async countSessions(): Promise<number> {
    return int((await this.#sql.rows('SELECT count(*) AS sessions FROM sessions WHERE rev > 0'))[0]?.sessions);
  }

  /** Rows without a revision are nobody's sessions. */
  async *sessions(): AsyncGenerator<readonly SourceSession[], void> {
    const columns = (await this.#tables.columns(this.#sql, 'sessions')).filter(({ name }) => name !== 'part' && name !== 'last_hour');
    const names = columns.map(({ name }) => quotedName(name)).join();
    const order = 'ORDER BY made_ms, session';
    for (let [madeMs, session] = [-1, -1]; ; ) {
      const page = `SELECT ${names} FROM sessions WHERE rev > 0 AND (made_ms, session) > ($1, $2) ${order} LIMIT ${SESSIONS_AT_ONCE}`;
      const rows = (await this.#sql.arrays(page, [madeMs, session])).map((row) => cellsOf(row, columns));
      if (rows.length === 0) return;
      yield await this.#withStates(rows);
      [madeMs, session] = [Number(rows.at(-1)?.made_ms), Number(rows.at(-1)?.session)];
    }
  }

  async *entries(sessions: readonly SourceSession[]): AsyncGenerator<readonly Cells[], void> {
    const columns = (await this.#tables.columns(this.#sql, 'entries')).filter(({ name }) => name !== 'slot' && name !== 'part');
    const names = columns.map(({ name }) => `e.${quotedName(name)}`).join();
    const sql = `SELECT ${names} FROM unnest($1::int2[], $2::int8[]) AS w(slot, session) JOIN sessions s ON s.slot = w.slot AND s.session = w.session
      JOIN entries e ON e.slot = s.slot AND e.part = s.part AND e.session = s.session`;
    for await (const rows of this.#pages(sql, this.#placesOf(sessions))) yield rows.map((row) => cellsOf(row, columns));
  }

  async belongings(table: SessionTable, sessions: readonly SourceSession[]): Promise<Cells[]> {
    const columns = (await this.#tables.columns(this.#sql, table)).filter(({ name }) => name !== 'slot');
    const names = columns.map(({ name }) => `t.${quotedName(name)}`).join();
    const isBySlot = table !== 'session_links';
    const which = isBySlot
      ? `unnest($1::int2[], $2::int8[]) AS w(slot, session) JOIN ${table} t ON t.slot = w.slot AND t.session = w.session`
      : `${table} t WHERE t.session = ANY($1::int8[])`;
    const numbers = numberArray(sessions.map(({ session }) => session));
    const rows = await this.#sql.arrays(`SELECT ${names} FROM ${which}`, isBySlot ? this.#placesOf(sessions) : [numbers]);
    return rows.map((row) => cellsOf(row, columns));
  }

  async removed(sessions: readonly SourceSession[]): Promise<Sums[]> {
    const numbers = numberArray(sessions.map(({ session }) => session));
    const rows = await this.#sql.arrays(`SELECT session, dims, ${MEASURES.join()} FROM ${REMOVED_SESSIONS.table} WHERE session = ANY($1::int8[])`, [
      numbers,
    ]);
    return rows.map(([session, dims, ...cells]) => sumsOf(int(session), dims, cells));
  }

  async nextDay(day: number): Promise<number | undefined> {
    const start = intOrNone((await this.#sql.rows(FIRST, [day * DAY_S]))[0]?.start_s);
    return start === undefined ? undefined : Math.floor(start / DAY_S);
  }

  async sizes(day: number): Promise<Map<number, number>> {
    const rows = await this.#sql.arrays(SIZES, [day * DAY_S, (day + 1) * DAY_S]);
    return new Map(rows.map(([start, size]) => [int(start) / QUARTER_S, int(size)]));
  }

  async sums(from: number, until: number): Promise<Sums[]> {
    const rows = await this.#sql.arrays(SUMS, [from * QUARTER_S, until * QUARTER_S]);
    return rows.map(([start, dims, ...cells]) => sumsOf(int(start) / QUARTER_S, dims, cells));
  }

  async daysOf(table: DayTable): Promise<number[]> {
    return (await this.#sql.arrays(DAYS[table].days)).map(([day]) => int(day));
  }

  async rowsOf(table: DayTable, day: number): Promise<Cells[]> {
    const { sql, columns, size } = DAYS[table];
    return (await this.#sql.arrays(sql, [day * size, (day + 1) * size])).map((row) => cellsOf(row, columns));
  }

  small(table: SmallTable): Promise<Cells[]> {
    return readSmall(this.#sql, table);
  }

  async facts(): Promise<LedgerFacts> {
    const [replicas] = await this.#sql.rows(`SELECT ${AS_OF} AS as_of_ms FROM replicas`);
    return { asOfMs: intOrNone(replicas?.as_of_ms), latestMs: await readLatest(this.#sql), erasureKey: await readErasureKey(this.#sql) };
  }

  figures(sessions: readonly number[]): Promise<ReadonlyMap<number, Figures>> {
    return readFigures(this.#sql, sessions, this.#options.slots);
  }

  reader(): LedgerReader {
    return openReader({ target: this.#options.target, ...this.#options.calendar }, UNHURRIED_READER);
  }

  close(): Promise<void> {
    return this.#options.database.close();
  }

  get #sql(): Sql {
    return this.#held ?? this.#options.database;
  }

  /** Within an instant. */
  #pages(sql: string, values: readonly unknown[]): AsyncGenerator<(readonly unknown[])[], void> {
    if (this.#held === undefined) throw new Error('Rows are read some at a time within an instant.');
    return serverCursor(this.#held, sql, values, ROWS_AT_ONCE);
  }

  #placesOf(sessions: readonly { readonly session: bigint }[]): [slots: string, sessions: string] {
    const slots = BigInt(this.#options.slots);
    return [numberArray(sessions.map(({ session }) => session % slots)), numberArray(sessions.map(({ session }) => session))];
  }

  async #withStates(rows: readonly Cells[]): Promise<SourceSession[]> {
    const sessions = rows.map((row) => ({ session: bigint(row.session) }));
    const states = new Map((await this.#sql.rows(STATES, this.#placesOf(sessions))).map((row) => [bigint(row.session), row]));
    const links = new Map(
      (await this.#sql.rows(LINKS, [numberArray(sessions.map(({ session }) => session))])).map((row) => [bigint(row.session), row]),
    );
    return rows.map(({ slot: _, has_entries: _h, session, made_ms, first_dims, last_dims, rev, ...cells }) => {
      const state = states.get(bigint(session));
      return {
        ...{ session: bigint(session), sessionId: String(cells.session_id), madeMs: int(made_ms), entries: int(state?.entries), cells },
        ...{ firstDims: bigint(first_dims), lastDims: bigint(last_dims), mark: markOf([cells, rev, state, links.get(bigint(session))]) },
      };
    });
  }
}

const sumsOf = (bucket: number, dims: unknown, cells: readonly unknown[]): Sums => ({
  ...{ bucket, dims: bigint(dims) },
  sums: Object.fromEntries(MEASURE_NAMES.map((name, index) => [name, bigint(cells[index]) || null])),
});
