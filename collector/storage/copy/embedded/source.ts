/** The embedded ledger that is copied: one instant of it at a time, while its collector goes on. */
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { DIMENSION_NAMES, MEASURE_NAMES } from '../../../catalog/measures.ts';
import type { CalendarOptions } from '../../../core/calendar.ts';
import { DAY_MS, MINUTE_MS } from '../../../core/duration.ts';
import { LedgerlineError } from '../../../core/error.ts';
import type { LedgerReader } from '../../../ledger/ledger.ts';
import { FINEST, REMOVED_SESSIONS } from '../../../ledger/rollups.ts';
import { openForReading } from '../../sqlite/ledger-connection.ts';
import { openReader } from '../../sqlite/ledger-reader.ts';
import { lockLedger } from '../../sqlite/lock.ts';
import { settle } from '../../sqlite/settle.ts';
import { highOf, UNIT } from '../../sqlite/wide.ts';
import { markOf } from '../cells.ts';
import type { Cells, Combination, CopySource, DayTable, Figures, LedgerFacts, SessionTable, SmallTable, SourceSession, Sums } from '../ends.ts';
import { QUARTERS_A_DAY, UNHURRIED_READER } from '../ends.ts';
import { BesideFiles } from './beside.ts';
import { readFigures } from './figures.ts';
import { COSTS, cellsOf, type EmbeddedRow, rowsOf } from './rows.ts';
import { readErasureKey, readSmall } from './small.ts';

const ROWS_AT_ONCE = 5_000;
const COMBINATIONS_AT_ONCE = 1_000;
const SESSIONS_AT_ONCE = 500;
const MINUTES_A_DAY = DAY_MS / MINUTE_MS;
/** Keeps sums of instants within 64 bits. */
const INSTANTS = 1_000_000_007;
/** Changes with whatever is written of a session. */
const SESSIONS = `SELECT s.*, (SELECT count(*) FROM entries e WHERE e.session = s.id) AS entries,
    (SELECT concat_ws(':', sum(held_back), sum(flags), sum(time_ms % ${INSTANTS})) FROM entries e WHERE e.session = s.id) AS sums,
    (SELECT count(*) FROM session_links l WHERE l.session = s.id) AS links, (SELECT before_ms FROM removals r WHERE r.session = s.id) AS removal,
    (SELECT group_concat(concat_ws(':', p.dims, ${COSTS.flatMap((name) => [`p.${name}`, `p.${highOf(name)}`]).join()})) FROM session_places p WHERE p.session = s.id) AS places,
    (SELECT group_concat(concat_ws(':', r.dims, r.requests, r.cost)) FROM ${REMOVED_SESSIONS.table} r WHERE r.bucket = s.id) AS removed
  FROM sessions s WHERE s.id > ? ORDER BY s.id LIMIT ${SESSIONS_AT_ONCE}`;

const OF_DAY: Readonly<Record<DayTable, { readonly column: string; readonly size: number }>> = {
  minutes: { column: 'minute', size: MINUTES_A_DAY },
  api_requests: { column: 'day', size: 1 },
};

export class EmbeddedSource implements CopySource {
  readonly name: string;
  readonly beside: BesideFiles;
  readonly #file: string;
  readonly #calendar: CalendarOptions;
  readonly #database: DatabaseSync;

  /** Throws as openForReading, and where the ledger's days are cut otherwise: closed months and days are copied as they are. */
  constructor(file: string, calendar: CalendarOptions) {
    this.name = file;
    this.#file = file;
    this.#calendar = calendar;
    this.beside = new BesideFiles(dirname(file));
    this.#database = openForReading(file);
    const [row] = this.#rows(`SELECT value FROM state WHERE name = 'calendar'`);
    refuseOtherCalendar(row?.value, calendar);
  }

  async instant<Answer>(run: () => Promise<Answer>): Promise<Answer> {
    this.#database.exec('BEGIN');
    try {
      // SQLite fixes the instant with the first read.
      this.#database.prepare('SELECT count(*) FROM state').get();
      return await run();
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  async unwritten<Answer>(run: () => Promise<Answer>): Promise<Answer | undefined> {
    const lock = lockOf(this.#file);
    if (lock === undefined) return undefined;
    try {
      settle(this.#file, this.#calendar);
      return await run();
    } finally {
      lock.release();
    }
  }

  async *combinations(): AsyncGenerator<readonly Combination[], void> {
    for (let last = 0n; ; ) {
      const rows = this.#rows(`SELECT id, ${DIMENSION_NAMES.join()} FROM dims WHERE id > ? ORDER BY id LIMIT ${COMBINATIONS_AT_ONCE}`, last);
      const next = rows.at(-1)?.id;
      if (typeof next !== 'bigint') return;
      yield rows.map((row) => ({ id: row.id as bigint, names: DIMENSION_NAMES.map((name) => String(row[name])) }));
      last = next;
    }
  }

  async countSessions(): Promise<number> {
    return Number(this.#rows('SELECT count(*) AS sessions FROM sessions')[0]?.sessions);
  }

  async *sessions(): AsyncGenerator<readonly SourceSession[], void> {
    let madeMs = 0;
    for (let last = 0n; ; ) {
      const rows = this.#rows(SESSIONS, last);
      const next = rows.at(-1)?.id;
      if (typeof next !== 'bigint') return;
      yield rows.map((row) => {
        // Numbers are given in the order in which sessions came, and times of clients are not to be trusted.
        madeMs = Math.max(madeMs, Math.min(Number(row.first_ms), Date.now()));
        return sessionOf(row, madeMs);
      });
      last = next;
    }
  }

  async *entries(sessions: readonly SourceSession[]): AsyncGenerator<readonly Cells[], void> {
    const sql = `SELECT * FROM entries WHERE session = ? AND identity > ? ORDER BY identity LIMIT ${ROWS_AT_ONCE}`;
    for (const { session } of sessions) {
      for (let after = ''; ; ) {
        const rows = this.#rows(sql, session, after);
        yield rows.map(cellsOf);
        if (rows.length < ROWS_AT_ONCE) break;
        after = String(rows.at(-1)?.identity);
      }
    }
  }

  async belongings(table: SessionTable, sessions: readonly SourceSession[]): Promise<Cells[]> {
    return sessions.flatMap(({ session }) => this.#rows(`SELECT * FROM ${table} WHERE session = ?`, session).map(cellsOf));
  }

  async removed(sessions: readonly SourceSession[]): Promise<Sums[]> {
    return sessions.flatMap(({ session }) => this.#sums(REMOVED_SESSIONS.table, session, session + 1n));
  }

  async nextDay(day: number): Promise<number | undefined> {
    const [row] = this.#rows(`SELECT min(bucket) AS bucket FROM ${FINEST.table} WHERE bucket >= ?`, day * QUARTERS_A_DAY);
    return row?.bucket === null || row?.bucket === undefined ? undefined : Math.floor(Number(row.bucket) / QUARTERS_A_DAY);
  }

  async sizes(day: number): Promise<Map<number, number>> {
    const sql = `SELECT bucket, count(*) AS size FROM ${FINEST.table} WHERE bucket >= ? AND bucket < ? GROUP BY bucket`;
    const rows = this.#rows(sql, day * QUARTERS_A_DAY, (day + 1) * QUARTERS_A_DAY);
    return new Map(rows.map(({ bucket, size }) => [Number(bucket), Number(size)]));
  }

  async sums(from: number, until: number): Promise<Sums[]> {
    return this.#sums(FINEST.table, BigInt(from), BigInt(until));
  }

  async daysOf(table: DayTable): Promise<number[]> {
    const { column, size } = OF_DAY[table];
    return this.#rows(`SELECT DISTINCT ${column} / ${size} AS day FROM ${table} ORDER BY 1`).map(({ day }) => Number(day));
  }

  async rowsOf(table: DayTable, day: number): Promise<Cells[]> {
    const { column, size } = OF_DAY[table];
    return this.#rows(`SELECT * FROM ${table} WHERE ${column} >= ? AND ${column} < ?`, day * size, (day + 1) * size).map(cellsOf);
  }

  async small(table: SmallTable): Promise<Cells[]> {
    return readSmall(this.#database, table);
  }

  async facts(): Promise<LedgerFacts> {
    const timeOf = (name: string): number | undefined => {
      const [found] = this.#rows('SELECT value FROM state WHERE name = ?', name);
      return found === undefined ? undefined : Number(found.value);
    };
    return { asOfMs: timeOf('as_of_ms'), latestMs: timeOf('latest_ms'), erasureKey: readErasureKey(this.#database) };
  }

  async figures(sessions: readonly number[]): Promise<ReadonlyMap<number, Figures>> {
    return readFigures(this.#database, sessions);
  }

  reader(): LedgerReader {
    return openReader({ file: this.#file, ...this.#calendar }, UNHURRIED_READER);
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  #rows(sql: string, ...values: readonly SQLInputValue[]): EmbeddedRow[] {
    return rowsOf(this.#database, sql, ...values);
  }

  #sums(table: string, from: bigint, until: bigint): Sums[] {
    const carries = this.#carries(table, from, until);
    return this.#rows(`SELECT * FROM ${table} WHERE bucket >= ? AND bucket < ?`, from, until).map((row) => {
      const cells = MEASURE_NAMES.map((name): [string, bigint | null] => {
        const sum = (row[name] as bigint) + (carries.get(`${row.bucket} ${row.dims} ${name}`) ?? 0n);
        return [name, sum === 0n ? null : sum];
      });
      return { bucket: Number(row.bucket), dims: row.dims as bigint, sums: Object.fromEntries(cells) };
    });
  }

  /** Units that were carried out of sums, by the rest of their key; hardly any ledger has one. */
  #carries(table: string, from: bigint, until: bigint): Map<string, bigint> {
    const sql = 'SELECT bucket, dims, measure, units FROM carries WHERE rollup = ? AND bucket >= ? AND bucket < ?';
    const rows = this.#rows(sql, table, from, until);
    return new Map(rows.map(({ bucket, dims, measure, units }) => [`${bucket} ${dims} ${measure}`, (units as bigint) * UNIT]));
  }
}

function sessionOf(row: EmbeddedRow, madeMs: number): SourceSession {
  const { id: session, first_dims: firstDims, last_dims: lastDims, entries, sums: _, links: _l, removal: _r, places: _p, removed: _d, ...own } = row;
  return {
    ...{ session: session as bigint, sessionId: String(row.session_id), madeMs, entries: Number(entries), mark: markOf([row]) },
    ...{ cells: cellsOf(own), firstDims: firstDims as bigint, lastDims: lastDims as bigint },
  };
}

/** Undefined while a collector writes. */
function lockOf(file: string): { release(): void } | undefined {
  try {
    return lockLedger(file);
  } catch (error) {
    if (error instanceof LedgerlineError && error.code === 'unavailable') return undefined;
    throw error;
  }
}

function refuseOtherCalendar(found: unknown, { timeZone, weekStart }: CalendarOptions): void {
  const here = `${timeZone} ${weekStart}`;
  if (found === undefined || found === here) return;
  throw new LedgerlineError(
    'invalid',
    `The source's days are cut in another calendar: "${String(found)}", and by this configuration it is "${here}".`,
    {
      hint: 'Name the configuration of its collector with --config.',
    },
  );
}
