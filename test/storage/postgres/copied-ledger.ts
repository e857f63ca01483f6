/** The tables of an embedded ledger in a database, row by row, so that both can be asked the same before anything writes to the second. */
import { DatabaseSync } from 'node:sqlite';
import { DIMENSION_NAMES, MEASURE_NAMES } from '../../../collector/catalog/measures.ts';
import { SOURCE_COSTS } from '../../../collector/catalog/sources.ts';
import { HOUR_MS } from '../../../collector/core/duration.ts';
import { framedKey } from '../../../collector/core/framed.ts';
import { REMOVED_SESSIONS } from '../../../collector/ledger/rollups.ts';
import type { Database } from '../../../collector/storage/postgres/connection.ts';
import { naturalKey, slotOf } from '../../../collector/storage/postgres/natural-keys.ts';
import { makePartition } from '../../../collector/storage/postgres/partitions.ts';
import { migrate, partOf } from '../../../collector/storage/postgres/schema.ts';
import { bigint, quotedName, storable, textArray } from '../../../collector/storage/postgres/sql-text.ts';

type Row = Readonly<Record<string, unknown>>;
type Cells = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

const COSTS = ['cost', ...SOURCE_COSTS];
const UNIT = 10n ** 18n;

/** `slots`: in how many shards sessions are kept. Sums by minute and the times of users are spread over two replicas. */
export async function copyLedger(file: string, database: Database, slots: number): Promise<void> {
  await migrate(database, { slots });
  const embedded = new DatabaseSync(file, { readOnly: true });
  try {
    await new Copy(embedded, database, slots).run();
  } finally {
    embedded.close();
  }
}

class Copy {
  readonly #embedded: DatabaseSync;
  readonly #database: Database;
  readonly #slots: number;
  readonly #dims = new Map<bigint, number>();
  readonly #sessions = new Map<bigint, { readonly session: number; readonly slot: number; readonly part: number }>();

  constructor(embedded: DatabaseSync, database: Database, slots: number) {
    this.#embedded = embedded;
    this.#database = database;
    this.#slots = slots;
  }

  async run(): Promise<void> {
    await this.#copyDims();
    await this.#copySessions();
    await this.#copyOfSessions();
    await this.#copyRates();
    await this.#into('api_requests', this.#rows('SELECT * FROM api_requests') as Cells[]);
    await this.#into('repricings', this.#rows('SELECT * FROM repricings') as Cells[]);
    const counted = this.#rows(`SELECT name, value FROM state WHERE name IN ('appended', 'pruned')`) as Cells[];
    await this.#into(
      'state',
      counted.map((row) => ({ slot: 0, replica: 1, ...row })),
    );
  }

  async #copyDims(): Promise<void> {
    const rows = this.#rows(`SELECT id, ${DIMENSION_NAMES.join()} FROM dims`).map((row) => {
      const digest = framedKey(DIMENSION_NAMES.map((name) => String(row[name])));
      this.#dims.set(row.id as bigint, naturalKey(digest));
      return { ...(row as Cells), id: naturalKey(digest), digest };
    });
    await this.#into('dims', rows);
  }

  async #copySessions(): Promise<void> {
    const rows = this.#rows('SELECT * FROM sessions').map((row) => {
      const sessionId = String(row.session_id);
      const session = naturalKey(sessionId);
      const key = { session, slot: slotOf(session, this.#slots), part: partOf(Number(row.first_ms)) };
      this.#sessions.set(row.id as bigint, key);
      return {
        ...(({ id: _, ...rest }: Row) => rest)(lowOnly(row)),
        ...{ ...key, rev: 1, made_ms: row.first_ms, last_hour: Math.floor(Number(row.last_ms) / HOUR_MS), first_dims: this.#dim(row.first_dims) },
        ...{ last_dims: this.#dim(row.last_dims), is_dashboard: row.is_dashboard === 1n, is_shared: row.is_shared === 1n, ...costsOf(row) },
      } as Cells;
    });
    // One that is made and not written yet is no session for anybody.
    const unborn = rows.map((row) => {
      const session = naturalKey(`unborn ${row.session_id}`);
      return { ...row, session, slot: slotOf(session, this.#slots), session_id: `${row.session_id}~`, rev: 0 };
    });
    await this.#into('sessions', [...rows, ...unborn]);
    for (const part of new Set(rows.map((row) => Number(row.part)))) await makePartition(this.#database, part, this.#slots);
  }

  async #copyOfSessions(): Promise<void> {
    const own = (table: string, make: (row: Row) => Cells, column = 'session') =>
      this.#into(
        table,
        this.#rows(`SELECT * FROM ${table}`).map((row) => ({ ...make(row), session: this.#sessions.get(row[column] as bigint)?.session })),
      );
    await own('entries', (row) => {
      const { slot = 0, part = 0 } = this.#sessions.get(row.session as bigint) ?? {};
      return { ...(row as Cells), dims: this.#dim(row.dims), slot, part };
    });
    await own('session_links', (row) => ({ ...(row as Cells), is_pool: row.is_pool === 1n }));
    await own('session_places', (row) => {
      const { slot = 0 } = this.#sessions.get(row.session as bigint) ?? {};
      return { slot, dims: this.#dim(row.dims), ...costsOf(row) };
    });
    const sums = (row: Row): Cells => Object.fromEntries(MEASURE_NAMES.map((name) => [name, row[name] === 0n ? null : (row[name] as bigint)]));
    await own(REMOVED_SESSIONS.table, (row) => ({ dims: this.#dim(row.dims), ...sums(row) }), 'bucket');
  }

  async #copyRates(): Promise<void> {
    const minutes = this.#rows('SELECT * FROM minutes').flatMap((row) => {
      const [requests, tokens] = [row.requests as bigint, row.tokens as bigint];
      const of = { minute: row.minute as bigint, dims: this.#dim(row.dims) };
      return [
        { ...of, replica: 1, requests: requests - 1n, tokens: tokens / 2n },
        { ...of, replica: 2, requests: 1n, tokens: tokens - tokens / 2n },
      ];
    });
    await this.#into('minutes', minutes);
    const people = this.#rows('SELECT * FROM people').flatMap((row) => {
      const [first, last, dims] = [row.first_minute as bigint, row.last_minute as bigint, this.#dim(row.dims)];
      return [
        { dims, replica: 1, first_minute: first, last_minute: first },
        { dims, replica: 2, first_minute: (first + last) / 2n, last_minute: last },
      ];
    });
    await this.#into('people', people);
  }

  #dim(id: unknown): number {
    return this.#dims.get(id as bigint) ?? 0;
  }

  #rows(sql: string): Row[] {
    const statement = this.#embedded.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all();
  }

  async #into(table: string, rows: readonly Cells[]): Promise<void> {
    const [first] = rows;
    if (first === undefined) return;
    const typed = await this.#database.rows(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0`,
      [table],
    );
    const columns = typed.filter(({ name }) => String(name) in first);
    const names = columns.map(({ name }) => quotedName(String(name))).join();
    const arrays = columns.map(({ type }, index) => `$${index + 1}::${String(type)}[]`).join();
    await this.#database.run(
      `INSERT INTO ${table} (${names}) SELECT * FROM unnest(${arrays})`,
      columns.map(({ name }) => textArray(rows.map((row) => textOf(row[String(name)])))),
    );
  }
}

const textOf = (cell: Cells[string]): string | undefined => (cell === null || cell === undefined ? undefined : storable(String(cell)));

const costsOf = (row: Row): Cells => Object.fromEntries(COSTS.map((name) => [name, bigint(row[`${name}_high`]) * UNIT + bigint(row[name])]));

/** Beside a cost stands how much of it is beyond 64 bits. */
const lowOnly = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([name]) => !name.endsWith('_high')));
