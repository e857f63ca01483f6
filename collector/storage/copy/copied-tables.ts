/** Tables beside sessions and sums: large ones a day at a time, small ones as a whole, each written anew where it has changed. */
import { DAY_MS, MINUTE_MS } from '../../core/duration.ts';
import { VERSION } from '../../core/version.ts';
import { ERASURE_KEY } from '../erased-names.ts';
import type { Sql } from '../postgres/connection.ts';
import type { CopyContext } from './context.ts';
import type { CopiedDims } from './copied-dims.ts';
import type { SourceRow } from './embedded-source.ts';
import { addedUp, type Cells, markOf } from './target-tables.ts';

/** What is kept by replica is that of the first one to come. */
const REPLICA = 1;
const MINUTES_A_DAY = DAY_MS / MINUTE_MS;
/** Of the source alone: how far its roll-ups are, and what is kept elsewhere here. */
const NO_COUNTERS = ['as_of_ms', 'calendar', 'probed_ms', 'rolled_up_bucket', 'rolled_up_dims', ERASURE_KEY];

interface Part {
  readonly what: string;
  readonly number: number;
  readonly rows: readonly Cells[];
  /** Takes away what is there of it. */
  readonly clear: (sql: Sql) => Promise<unknown>;
}

export class CopiedTables {
  readonly #context: CopyContext;
  readonly #dims: CopiedDims;

  constructor(context: CopyContext, dims: CopiedDims) {
    this.#context = context;
    this.#dims = dims;
  }

  /** Answers how many parts it has written. */
  async copy(): Promise<number> {
    let written = 0;
    written += await this.#byDay('minutes', 'minute', MINUTES_A_DAY, (rows) => this.#minutes(rows));
    written += await this.#byDay('api_requests', 'day', 1, (rows) => rows as Cells[]);
    for (const [table, rows] of this.#wholes()) {
      const part = { what: table, number: 0, rows, clear: (sql: Sql) => sql.run(`DELETE FROM ${table}`) };
      if (await this.#write(part, (await this.#context.progress.read(table)).get(0))) written++;
    }
    await this.#context.transaction((sql) => this.#writeFacts(sql));
    return written;
  }

  #wholes(): [table: string, rows: Cells[]][] {
    const { source } = this.#context;
    const counters = source.rows(
      `SELECT name, value FROM state WHERE name NOT IN (${NO_COUNTERS.map(() => '?').join()}) ORDER BY name`,
      ...NO_COUNTERS,
    );
    const values = source.rows('SELECT * FROM dimension_values ORDER BY dimension, value') as Cells[];
    return [
      ['state', counters.map((row) => ({ slot: 0, replica: REPLICA, ...(row as Cells) }))],
      ['people', this.#people(source.rows('SELECT * FROM people ORDER BY dims'))],
      ['dimension_values', values.map((row) => ({ ...row, has_spend: row.has_spend === 1n }))],
      ['closed_months', source.rows('SELECT * FROM closed_months ORDER BY month') as Cells[]],
      ['moved_postings', source.rows('SELECT * FROM moved_postings').map((row) => ({ ...this.#named(row), replica: REPLICA }))],
      ['repricings', source.rows('SELECT * FROM repricings ORDER BY id') as Cells[]],
      ['erased', source.rows('SELECT * FROM erased ORDER BY digest') as Cells[]],
    ];
  }

  async #byDay(table: 'minutes' | 'api_requests', column: string, size: number, make: (rows: readonly SourceRow[]) => Cells[]): Promise<number> {
    const { source, progress } = this.#context;
    const marks = await progress.read(table);
    const days = source.rows(`SELECT DISTINCT ${column} / ${size} AS day FROM ${table} ORDER BY 1`).map(({ day }) => Number(day));
    let written = 0;
    for (const day of [...days, ...[...marks.keys()].filter((known) => !days.includes(known))]) {
      const [from, until] = [day * size, (day + 1) * size];
      const rows = make(source.rows(`SELECT * FROM ${table} WHERE ${column} >= ? AND ${column} < ?`, from, until));
      const clear = (sql: Sql) => sql.run(`DELETE FROM ${table} WHERE ${column} >= $1 AND ${column} < $2`, [from, until]);
      if (await this.#write({ what: table, number: day, rows, clear }, marks.get(day))) written++;
    }
    return written;
  }

  /** False where it is as it was. */
  async #write({ what, number, rows, clear }: Part, known: string | undefined): Promise<boolean> {
    const { progress, tables, transaction } = this.#context;
    const mark = markOf(rows);
    if (mark === known) return false;
    await transaction(async (sql) => {
      await clear(sql);
      await tables.insert(sql, what, rows);
      await progress.write(sql, what, new Map([[number, mark]]));
    });
    return true;
  }

  #named(row: SourceRow): Cells {
    return { ...(row as Cells), dims: this.#dims.numberOf(row.dims) };
  }

  #minutes(rows: readonly SourceRow[]): Cells[] {
    const named = rows.map((row) => ({ ...this.#named(row), replica: REPLICA }));
    return addedUp(named, ['minute', 'dims']);
  }

  /** Names that the database cannot tell apart have one row. */
  #people(rows: readonly SourceRow[]): Cells[] {
    const seen = new Map<number, { first: bigint; last: bigint }>();
    for (const row of rows) {
      const [first, last] = [row.first_minute as bigint, row.last_minute as bigint];
      const known = seen.getOrInsertComputed(this.#dims.numberOf(row.dims), () => ({ first, last }));
      if (first < known.first) known.first = first;
      if (last > known.last) known.last = last;
    }
    return [...seen].map(([dims, { first, last }]) => ({ dims, replica: REPLICA, first_minute: first, last_minute: last }));
  }

  /** How fresh it is, and the key of digests of erased names. */
  async #writeFacts(sql: Sql): Promise<void> {
    const { source } = this.#context;
    const facts = new Map(source.rows('SELECT name, value FROM state').map(({ name, value }) => [String(name), value]));
    const asOf = facts.get('as_of_ms');
    await sql.run(
      `INSERT INTO replicas (replica, owner, until_ms, generation, as_of_ms, version) SELECT $1, '', 0, generation, $2, $3 FROM replicas WHERE replica = 0
       ON CONFLICT (replica) DO UPDATE SET as_of_ms = excluded.as_of_ms`,
      [REPLICA, asOf === undefined ? null : String(asOf), VERSION],
    );
    const key = facts.get(ERASURE_KEY);
    if (typeof key !== 'string') return;
    await sql.run('INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value', [ERASURE_KEY, key]);
  }
}
