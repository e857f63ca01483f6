/**
 * Figures at an instant that the collector computes, such as forecasts and budgets, for those who read the ledger by SQL: each replaced by the
 * next. `replica` 0 has gauges of the ledger, any other the series of that replica itself.
 */
import type { Sql } from './connection.ts';
import { int, storable, textArray } from './sql-text.ts';

export const SAMPLE_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS samples (
     replica int4 NOT NULL, name text COLLATE "C" NOT NULL, labels text COLLATE "C" NOT NULL, value numeric NOT NULL, PRIMARY KEY (replica, name, labels)
   ) WITH (fillfactor = 70)`,
  `CREATE TABLE IF NOT EXISTS sample_days (
     name text COLLATE "C" NOT NULL, labels text COLLATE "C" NOT NULL, day_s int8 NOT NULL, value numeric NOT NULL, PRIMARY KEY (name, labels, day_s)
   )`,
  'CREATE TABLE IF NOT EXISTS sampled (replica int4 PRIMARY KEY, at_s int8 NOT NULL)',
];

export const LEDGER = 0;

export interface StoredSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** In one transaction. Rows that say the same stay untouched: most do. */
export async function replaceSamples(sql: Sql, replica: number, samples: readonly StoredSample[], atMs: number): Promise<void> {
  const rows = distinct(samples);
  const given = 'unnest($2::text[], $3::text[], $4::numeric[]) AS n (name, labels, value)';
  const values = [replica, ...columnsOf(rows)];
  await sql.run(
    `DELETE FROM samples s WHERE s.replica = $1 AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS n (name, labels) WHERE n.name = s.name AND n.labels = s.labels)`,
    values.slice(0, 3),
  );
  await sql.run(
    `INSERT INTO samples AS s (replica, name, labels, value) SELECT $1, n.* FROM ${given} ORDER BY n.name, n.labels
     ON CONFLICT (replica, name, labels) DO UPDATE SET value = excluded.value WHERE s.value IS DISTINCT FROM excluded.value`,
    values,
  );
  await sql.run('INSERT INTO sampled VALUES ($1, $2) ON CONFLICT (replica) DO UPDATE SET at_s = excluded.at_s', [replica, Math.floor(atMs / 1000)]);
}

/** What these gauges were at the end of a day. */
export async function replaceDay(sql: Sql, startMs: number, samples: readonly StoredSample[]): Promise<void> {
  const rows = distinct(samples);
  const dayS = startMs / 1000;
  await sql.run('DELETE FROM sample_days WHERE day_s = $1', [dayS]);
  await sql.run('INSERT INTO sample_days (day_s, name, labels, value) SELECT $1, n.* FROM unnest($2::text[], $3::text[], $4::numeric[]) AS n', [
    dayS,
    ...columnsOf(rows),
  ]);
}

/** Days of which the gauges are there, epoch milliseconds. */
export async function sampledDays(sql: Sql): Promise<ReadonlySet<number>> {
  const rows = await sql.rows('SELECT DISTINCT day_s FROM sample_days');
  return new Set(rows.map(({ day_s }) => int(day_s) * 1000));
}

/** Values that look alike once they are stored are one label set: the first stands. A figure that is no number is none. */
function distinct(samples: readonly StoredSample[]): (readonly [name: string, labels: string, value: string])[] {
  const rows = new Map<string, readonly [string, string, string]>();
  for (const { name, labels, value } of samples) {
    if (Number.isNaN(value)) continue;
    const text = JSON.stringify(Object.fromEntries(Object.entries(labels).map(([label, own]) => [label, storable(own)])));
    rows.getOrInsertComputed(`${name} ${text}`, () => [name, text, String(value)]);
  }
  return [...rows.values()];
}

const columnsOf = (rows: ReturnType<typeof distinct>): string[] => [0, 1, 2].map((index) => textArray(rows.map((row) => row[index] ?? '')));
