/**
 * Adds up the coarser roll-ups: what replicas wrote for quarters of an hour that are over leaves `recent`, and is in all roll-ups, in one
 * transaction. What comes later lies in `recent` again, and is moved the next time. Several may do it at once: rows that another has
 * locked are left to it, as they are where a replica adds to them just now.
 */
import { MEASURE_NAMES } from '../../catalog/measures.ts';
import type { CalendarOptions } from '../../core/calendar.ts';
import { SECOND_MS } from '../../core/duration.ts';
import { type Buckets, vectorAt } from '../../ledger/quarter-sums.ts';
import { FINEST } from '../../ledger/rollups.ts';
import { PATIENCE_MS, untilCommitted } from './attempts.ts';
import { refuseOtherCalendar } from './calendar.ts';
import { addCells, CoarseTables, QUARTER_S } from './coarse-sums.ts';
import { columnsOf } from './columns.ts';
import { type Database, type Sql, type Statement, statement } from './connection.ts';
import { DimsTable } from './dimension-sets.ts';
import { Lesson } from './lesson.ts';
import { endMoving, whileMoving } from './move-epoch.ts';
import { sharedGate } from './replicas.ts';
import { int, numberArray, quotedName } from './sql-text.ts';

/** Clients export every few seconds, or every minute: then nearly all of a quarter of an hour is here. */
const SETTLED_MS = 120 * SECOND_MS;
/** Moved in one transaction: about a third of a second. */
const ROWS_AT_ONCE = 5_000;

const COLUMNS: ReadonlySet<string> = new Set(['slot', 'start_s', 'dims', 'replica', ...MEASURE_NAMES]);

interface Statements {
  readonly keys: Statement;
  readonly move: Statement;
}

/** `unknown`: columns of measures that only a later version can add up. Rows that have any are left to it. */
function statementsFor(unknown: readonly string[]): Statements {
  const isOwn = unknown.map((name) => ` AND r.${quotedName(name)} IS NULL`).join('');
  return {
    keys: statement(
      `SELECT r.start_s, r.dims, r.replica FROM recent r WHERE r.slot = $1 AND r.start_s < $2${isOwn} ORDER BY r.start_s, r.dims, r.replica LIMIT $3`,
    ),
    move: statement(`DELETE FROM recent WHERE slot = $1 AND (start_s, dims, replica) IN (
    SELECT r.start_s, r.dims, r.replica FROM recent r
    JOIN unnest($2::int8[], $3::int8[], $4::int4[]) AS k (start_s, dims, replica) ON (r.start_s, r.dims, r.replica) = (k.start_s, k.dims, k.replica)
    WHERE r.slot = $1${isOwn} ORDER BY r.start_s, r.dims, r.replica FOR UPDATE OF r SKIP LOCKED
  ) RETURNING start_s, dims, ${MEASURE_NAMES.map(quotedName).join()}`),
  };
}

/** The calendar of the ledger is another one now, what is remembered of combinations may be gone, or a later version has more measures. */
class Changed extends Lesson {
  override readonly name = 'Changed';
}

export interface FoldOptions {
  readonly database: Database;
  readonly calendar: CalendarOptions;
  readonly slots: number;
  /** Default: ROWS_AT_ONCE. */
  readonly rowsAtOnce?: number;
}

export class Fold {
  readonly #options: FoldOptions;
  readonly #dims = new DimsTable();
  readonly #tables: CoarseTables;
  #generation: number | undefined;
  /** Of the database, when what is remembered was read. */
  #changes = 0;
  #unknown = '';
  #statements = statementsFor([]);

  constructor(options: FoldOptions) {
    this.#options = options;
    this.#tables = new CoarseTables(options.calendar, this.#dims);
  }

  /** Moves what is over. Answers how many rows it moved; stops between two steps when the signal is aborted. Rejects with what the driver says. */
  over(nowMs: number, signal?: AbortSignal): Promise<number> {
    return this.before(Math.floor((nowMs - SETTLED_MS) / SECOND_MS / QUARTER_S) * QUARTER_S, signal);
  }

  /** Moves quarters that begin before then, epoch seconds. */
  async before(untilS: number, signal?: AbortSignal): Promise<number> {
    const { database, slots, rowsAtOnce = ROWS_AT_ONCE } = this.#options;
    let moved = 0;
    for (let slot = 0; slot < slots; slot++) {
      for (let isDone = false; !isDone && signal?.aborted !== true; ) {
        const step = await this.#step(slot, untilS, rowsAtOnce);
        moved += step.moved;
        // What others have locked is left to them.
        isDone = step.found < rowsAtOnce || step.moved === 0;
      }
    }
    if (moved === 0) await endMoving(database, slots);
    return moved;
  }

  #step(slot: number, untilS: number, rowsMax: number): Promise<{ readonly found: number; readonly moved: number }> {
    const forget = (error: unknown): void => {
      this.#dims.forget();
      if (error instanceof Changed) this.#dims.reread();
    };
    return untilCommitted(() => this.#move(slot, untilS, rowsMax), { untilMs: performance.now() + PATIENCE_MS, forget });
  }

  async #move(slot: number, untilS: number, rowsMax: number) {
    const { database, slots } = this.#options;
    if (database.changes !== this.#changes) this.#dims.reread();
    this.#changes = database.changes;
    await this.#dims.begin(database);
    const keys = (await database.arrays(this.#statements.keys, [slot, untilS, rowsMax])).map((row) => row.map(int));
    if (keys.length === 0) return { found: 0, moved: 0 };
    await this.#dims.load(
      database,
      keys.map(([, dims]) => dims ?? 0),
    );
    await this.#makeRows(keys);
    const moved = await whileMoving(database, slots, () => database.transaction((sql) => this.#moveRows(sql, slot, keys), { attempts: 1 }));
    this.#dims.kept();
    return { found: keys.length, moved };
  }

  /** Before the transaction, since others wait for whoever makes the same rows. */
  async #makeRows(keys: readonly (readonly number[])[]): Promise<void> {
    const quarters: Buckets = new Map();
    for (const [startS = 0, dims = 0] of keys) vectorAt(quarters, startS / QUARTER_S, dims);
    this.#tables.of(quarters);
    if (!this.#dims.hasFresh) return;
    await this.#options.database.transaction(
      async (sql) => {
        await this.#gate(sql);
        await this.#dims.store(sql);
      },
      { attempts: 1 },
    );
    this.#dims.kept();
  }

  async #moveRows(sql: Sql, slot: number, keys: readonly (readonly number[])[]): Promise<number> {
    await this.#gate(sql);
    const columns = [0, 1, 2].map((column) => numberArray(keys.map((key) => key[column])));
    const quarters: Buckets = new Map();
    const rows = await sql.arrays(this.#statements.move, [slot, ...columns]);
    await this.#refuseUnknown(sql);
    for (const [startS, dims, ...cells] of rows) addCells(vectorAt(quarters, int(startS) / QUARTER_S, int(dims)), cells);
    const sums = this.#tables.of(quarters);
    await this.#tables.add(sql, new Map([[FINEST, quarters], ...sums]));
    await this.#dims.store(sql);
    return rows.length;
  }

  /** After rows were locked: then nobody adds a column until the transaction ends. */
  async #refuseUnknown(sql: Sql): Promise<void> {
    const unknown = (await columnsOf(sql, 'recent')).filter((name) => !COLUMNS.has(name));
    if (unknown.join() === this.#unknown) return;
    this.#unknown = unknown.join();
    this.#statements = statementsFor(unknown);
    throw new Changed('A later version has measures of its own.');
  }

  async #gate(sql: Sql): Promise<void> {
    const generation = await sharedGate(sql);
    if (this.#options.database.changes !== this.#changes) throw new Changed('The database may have lost what was committed last.');
    if (generation === this.#generation) return;
    await refuseOtherCalendar(sql, this.#options.calendar);
    const isFirst = this.#generation === undefined;
    this.#generation = generation;
    if (!isFirst) throw new Changed('The ledger was changed as a whole.');
  }
}
