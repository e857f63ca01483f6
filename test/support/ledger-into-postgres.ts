/**
 * The sums of an embedded ledger as a shared one has them: the finest rows either moved into every roll-up, or still waiting in `recent`, some of
 * them in parts of several replicas.
 */
import { DatabaseSync } from 'node:sqlite';
import { DIMENSION_NAMES, type DimensionName, MEASURE_NAMES } from '../../collector/catalog/measures.ts';
import { Calendar, type CalendarOptions, QUARTER_MS } from '../../collector/core/calendar.ts';
import { COARSE, FINEST, type Rollup } from '../../collector/ledger/rollups.ts';
import type { Sql } from '../../collector/storage/postgres/connection.ts';
import { naturalKey } from '../../collector/storage/postgres/natural-keys.ts';
import { numberArray, quotedName, textArray } from '../../collector/storage/postgres/sql-text.ts';

interface FinestRow {
  readonly quarter: number;
  readonly values: readonly string[];
  readonly amounts: readonly bigint[];
}

export interface CopyOptions {
  readonly calendar: CalendarOptions;
  /** Rows of which quarters of an hour wait in `recent`. */
  readonly isRecent: (quarterMs: number) => boolean;
}

export async function copyLedger(file: string, sql: Sql, { calendar: options, isRecent }: CopyOptions): Promise<void> {
  const rows = readFinest(file);
  const calendar = new Calendar(options);
  const dims = new Map<number, readonly string[]>();
  const projected = (values: readonly string[], kept: readonly DimensionName[]): number => {
    const left = DIMENSION_NAMES.map((name, index) => (kept.includes(name) ? (values[index] ?? '') : ''));
    const id = naturalKey(JSON.stringify(left));
    dims.set(id, left);
    return id;
  };
  const moved = rows.filter(({ quarter }) => !isRecent(quarter * QUARTER_MS));
  const recent = rows.filter(({ quarter }) => isRecent(quarter * QUARTER_MS));
  for (const rollup of [FINEST, ...COARSE]) {
    const sums = new Map<string, { start: number; dims: number; amounts: bigint[] }>();
    for (const { quarter, values, amounts } of moved) {
      const start = startOf(rollup, quarter, calendar);
      const id = projected(values, rollup.dimensions);
      const sum = sums.getOrInsertComputed(`${start} ${id}`, () => ({ start, dims: id, amounts: amounts.map(() => 0n) }));
      for (const [index, amount] of amounts.entries()) sum.amounts[index] = (sum.amounts[index] ?? 0n) + amount;
    }
    await insert(sql, rollup.table, [], [...sums.values()]);
  }
  const waiting = recent.flatMap(({ quarter, values, amounts }, place) => {
    const row = { start: quarter * 900, dims: projected(values, DIMENSION_NAMES) };
    if (place % 3 !== 0) return [{ ...row, replica: 1, amounts }];
    const half = amounts.map((amount) => amount / 2n);
    return [
      { ...row, replica: 1, amounts: half },
      { ...row, replica: 2, amounts: amounts.map((amount, index) => amount - (half[index] ?? 0n)) },
    ];
  });
  await insert(sql, 'recent', ['replica', 'slot'], waiting);
  await insertDims(sql, dims);
}

function readFinest(file: string): FinestRow[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const statement = database.prepare(
      `SELECT r.bucket, ${DIMENSION_NAMES.map((name) => `d.${name}`).join()}, ${MEASURE_NAMES.map((name) => `r.${name}`).join()} FROM ${FINEST.table} r JOIN dims d ON d.id = r.dims`,
    );
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    // Arrays, as asked for above.
    return (statement.all() as unknown as readonly (readonly unknown[])[]).map((row) => ({
      quarter: Number(row[0]),
      values: row.slice(1, 1 + DIMENSION_NAMES.length).map(String),
      amounts: row.slice(1 + DIMENSION_NAMES.length).map((amount) => BigInt(String(amount))),
    }));
  } finally {
    database.close();
  }
}

const startOf = ({ grain }: Rollup, quarter: number, calendar: Calendar): number =>
  grain === 'total' || grain === 'session' ? 0 : calendar.startOf(grain, calendar.periodOf(grain, quarter * QUARTER_MS)) / 1000;

interface SumRow {
  readonly start: number;
  readonly dims: number;
  readonly replica?: number;
  readonly amounts: readonly bigint[];
}

/** Nothing instead of zero, as the ledger writes it. */
async function insert(sql: Sql, table: string, more: readonly ('replica' | 'slot')[], rows: readonly SumRow[]): Promise<void> {
  const names = ['start_s', 'dims', ...more, ...MEASURE_NAMES];
  const arrays = [
    rows.map(({ start }) => start),
    rows.map(({ dims }) => dims),
    ...more.map((name) => rows.map(({ replica = 0 }) => (name === 'slot' ? 0 : replica))),
    ...MEASURE_NAMES.map((_, index) => rows.map(({ amounts }) => (amounts[index] === 0n ? undefined : amounts[index]))),
  ];
  const types = names.map((_, index) => `$${index + 1}::${index < 2 + more.length ? 'int8' : 'numeric'}[]`);
  await sql.run(`INSERT INTO ${table} (${names.map(quotedName).join()}) SELECT * FROM unnest(${types.join()})`, arrays.map(numberArray));
}

async function insertDims(sql: Sql, dims: ReadonlyMap<number, readonly string[]>): Promise<void> {
  const names = ['id', 'digest', ...DIMENSION_NAMES];
  const rows = [...dims];
  const arrays = [
    numberArray(rows.map(([id]) => id)),
    textArray(rows.map(([id]) => String(id))),
    ...DIMENSION_NAMES.map((_, index) => textArray(rows.map(([, values]) => values[index]))),
  ];
  const types = names.map((_, index) => `$${index + 1}::${index === 0 ? 'int8' : 'text'}[]`);
  await sql.run(`INSERT INTO dims (${names.map(quotedName).join()}) SELECT * FROM unnest(${types.join()})`, arrays);
}
