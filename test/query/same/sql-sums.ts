/** The oracle: entries added up from the file of the ledger with SQL of its own. Knows the tables, and nothing else of the collector. */
import { DatabaseSync } from 'node:sqlite';
import { DIMENSIONS as CATALOG } from '../../../collector/catalog/measures.ts';
import { type Asked, type Dimension, type Measure, type Point, SCOPES } from './asked.ts';
import { keyOf, periodOf, startOfDay, type Table } from './table.ts';

/** Numbers of measures in the column `amounts`, which stand in files for ever. */
const IDS: Readonly<Partial<Record<Measure, number>>> = { requests: 12, input_tokens: 5, output_tokens: 6, cache_read_tokens: 7 };

/** Entries whose every amount is booked as it came: events of a session each. */
export class SqlSums {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { readOnly: true });
  }

  close(): void {
    this.#database.close();
  }

  sum({ by, measures, grain, tz, from, to, where, scope }: Asked): Table {
    const filters = [...Object.entries(where), ...Object.entries(SCOPES[scope])];
    const conditions = filters.map(([name, values]) => `d."${name}" IN (${values.map(() => '?').join(', ')})`);
    const ends = [from === undefined ? -8.64e15 : msOf(from, tz), to === undefined ? 8.64e15 : msOf(to, tz)];
    const statement = this.#database.prepare(
      `SELECT e.time_ms, e.cost, e.list_cost, e.amounts, d.* FROM entries e JOIN dims d ON d.id = e.dims
       WHERE e.time_ms >= ? AND e.time_ms < ? ${conditions.map((condition) => `AND ${condition}`).join(' ')}`,
    );
    statement.setReadBigInts(true);
    const rows = new Map<string, bigint[]>();
    const totals = measures.map(() => 0n);
    for (const entry of statement.all(...ends, ...filters.flatMap(([, values]) => [...values]))) {
      const key = keyOf(
        periodOf(grain, Number(entry.time_ms), tz),
        by.map((name) => shown(name, String(entry[name]))),
      );
      const sums = rows.getOrInsertComputed(key, () => measures.map(() => 0n));
      for (const [index, measure] of measures.entries()) {
        const amount = amountOf(measure, entry);
        sums[index] = (sums[index] ?? 0n) + amount;
        totals[index] = (totals[index] ?? 0n) + amount;
      }
    }
    return { rows: new Map([...rows].filter(([, sums]) => sums.some((sum) => sum !== 0n))), totals };
  }
}

const shown = (name: Dimension, value: string): string => (value === '' ? CATALOG[name].absent : value);

const msOf = (point: Point, tz: string): number => ('day' in point ? startOfDay(point.day, tz) : point.ms);

function amountOf(measure: Measure, entry: Readonly<Record<string, unknown>>): bigint {
  if (measure === 'cost') return entry.cost as bigint;
  if (measure === 'cost_list') return entry.list_cost as bigint;
  const [, amount = '0'] = new RegExp(`(?:^| )${IDS[measure]}=(\\d+)`).exec(String(entry.amounts)) ?? [];
  return BigInt(amount);
}
