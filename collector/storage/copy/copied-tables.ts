/** Tables beside sessions and sums: large ones a day at a time, small ones as a whole, each written anew where it has changed. */
import { readSums, sumsText, totalsOf } from '../../ledger/sums-text.ts';
import { storable } from '../postgres/sql-text.ts';
import { addedUp, markOf } from './cells.ts';
import type { CopiedDims } from './copied-dims.ts';
import { NO_COUNTERS } from './embedded/rows.ts';
import { type Cells, type CopySource, type CopyTarget, DAY_TABLES, type DayTable, SMALL_TABLES, type SmallTable, type Writing } from './ends.ts';

interface Part {
  readonly table: string;
  readonly number: number;
  readonly rows: readonly Cells[];
  /** Takes away what is there of it. */
  readonly clear: (into: Writing) => Promise<void>;
}

export class CopiedTables {
  readonly #source: CopySource;
  readonly #target: CopyTarget;
  readonly #dims: CopiedDims;

  constructor(source: CopySource, target: CopyTarget, dims: CopiedDims) {
    this.#source = source;
    this.#target = target;
    this.#dims = dims;
  }

  /** Answers how many parts it has written. */
  async copy(): Promise<number> {
    let written = 0;
    for (const table of DAY_TABLES) written += await this.#byDay(table);
    for (const table of SMALL_TABLES) {
      const rows = merged(table, this.#numbered(await this.#source.small(table)));
      const known = (await this.#target.marks(table)).get(0);
      if (await this.#write({ table, number: 0, rows, clear: (into) => into.clear(table) }, known)) written++;
    }
    const facts = await this.#source.facts();
    await this.#target.transaction((into) => into.setFacts(facts));
    return written;
  }

  async #byDay(table: DayTable): Promise<number> {
    const marks = await this.#target.marks(table);
    const days = await this.#source.daysOf(table);
    let written = 0;
    for (const day of new Set([...days, ...marks.keys()])) {
      const rows = merged(table, this.#numbered(await this.#source.rowsOf(table, day)));
      if (await this.#write({ table, number: day, rows, clear: (into) => into.clearDay(table, day) }, marks.get(day))) written++;
    }
    return written;
  }

  /** False where it is as it was. */
  async #write({ table, number, rows, clear }: Part, known: string | undefined): Promise<boolean> {
    const mark = markOf(rows);
    if (mark === known) return false;
    await this.#target.transaction(async (into) => {
      await clear(into);
      await into.insert(table, rows);
      await into.mark(table, new Map([[number, mark]]));
    });
    return true;
  }

  #numbered(rows: readonly Cells[]): Cells[] {
    return rows.map((row) => ('dims' in row ? { ...row, dims: this.#dims.numberOf(row.dims) } : row));
  }
}

/** Names that the target cannot tell apart have one row, as what several replicas kept of one. */
export function merged(table: SmallTable | DayTable, rows: readonly Cells[]): Cells[] {
  // A database may have what a former version copied there.
  if (table === 'state') return rows.filter(({ name }) => !NO_COUNTERS.includes(String(name)));
  if (table === 'people') return widened(rows);
  if (table === 'dimension_values') return keptTogether(rows);
  if (table === 'moved_postings') return movedTogether(rows);
  return table === 'minutes' ? addedUp(rows, ['minute', 'dims']) : [...rows];
}

function keptTogether(rows: readonly Cells[]): Cells[] {
  const kept = new Map<string, { dimension: string; value: string; seen_day: bigint; has_spend: boolean }>();
  for (const row of rows) {
    const [dimension, value, seen] = [String(row.dimension), storable(String(row.value)), BigInt(String(row.seen_day))];
    const own = kept.getOrInsertComputed(`${dimension} ${value}`, () => ({ dimension, value, seen_day: seen, has_spend: false }));
    if (seen > own.seen_day) own.seen_day = seen;
    if (row.has_spend === true) own.has_spend = true;
  }
  return [...kept.values()];
}

function widened(rows: readonly Cells[]): Cells[] {
  const seen = new Map<unknown, { first_minute: bigint; last_minute: bigint }>();
  for (const row of rows) {
    const [first, last] = [row.first_minute as bigint, row.last_minute as bigint];
    const known = seen.getOrInsertComputed(row.dims, () => ({ first_minute: first, last_minute: last }));
    if (first < known.first_minute) known.first_minute = first;
    if (last > known.last_minute) known.last_minute = last;
  }
  return [...seen].map(([dims, minutes]) => ({ dims: dims as number, ...minutes }));
}

function movedTogether(rows: readonly Cells[]): Cells[] {
  const byKey = Map.groupBy(rows, ({ to_quarter, from_quarter, dims }) => `${to_quarter} ${from_quarter} ${dims}`);
  return [...byKey.values()].flatMap((own) => {
    const [first, ...others] = own.toSorted((a, b) => Number(a.at_ms) - Number(b.at_ms)).reverse();
    if (first === undefined || others.length === 0) return own;
    const sums = readSums(String(first.sums));
    for (const row of others) sums.addVector(readSums(String(row.sums)));
    return [{ ...first, sums: sumsText(totalsOf(sums)) }];
  });
}
