/** Samples in the database, each replaced by the next. */
import { randomUUID } from 'node:crypto';
import { SECOND_MS } from '../../core/duration.ts';
import type { Sample, SampleStore } from '../../ledger/samples.ts';
import { Database, type Sql } from './connection.ts';
import { storable, textArray } from './sql-text.ts';
import type { Target } from './target.ts';

/** The owner of gauges; others are replicas. */
export const LEDGER = '';
/** Replicas that have not been heard of for so long are forgotten. */
const FORGOTTEN_S = 3_600;

const DATABASE = { name: 'samples', max: 1, wants: 'primary', statementMs: 30 * SECOND_MS, lockMs: 5 * SECOND_MS, idleMs: 30 * SECOND_MS } as const;

export function openSharedSamples(target: Target): SampleStore {
  const database = new Database(target, DATABASE);
  const own = randomUUID();
  return {
    replaceGauges: (samples, atMs) => database.transaction((sql) => replaceSamples(sql, LEDGER, samples, atMs)),
    replaceDay: (startMs, samples) => database.transaction((sql) => replaceDay(sql, startMs, samples)),
    replaceOwn: (samples, atMs) => database.transaction((sql) => replaceSamples(sql, own, samples, atMs)),
    close: async () => {
      // Where the database is away they are forgotten later.
      await database.transaction((sql) => forget(sql, 'owner = $1', [own])).catch(() => undefined);
      await database.close();
    },
  };
}

/** Rows that say the same stay untouched: most do. */
export async function replaceSamples(sql: Sql, owner: string, samples: readonly Sample[], atMs: number): Promise<void> {
  const [names, labels, values] = columnsOf(samples);
  const atS = Math.floor(atMs / 1000);
  await sql.run('INSERT INTO sampled VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET at_s = excluded.at_s', [owner, atS]);
  await sql.run(
    `DELETE FROM samples s WHERE s.owner = $1
     AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS n (name, labels) WHERE n.name = s.name AND n.labels = s.labels)`,
    [owner, names, labels],
  );
  await sql.run(
    `INSERT INTO samples AS s (owner, name, labels, value)
     SELECT $1, n.* FROM unnest($2::text[], $3::text[], $4::numeric[]) AS n (name, labels, value) ORDER BY n.name, n.labels
     ON CONFLICT (owner, name, labels) DO UPDATE SET value = excluded.value WHERE s.value IS DISTINCT FROM excluded.value`,
    [owner, names, labels, values],
  );
  if (owner === LEDGER) await forget(sql, `owner <> '' AND at_s < $1`, [atS - FORGOTTEN_S]);
}

export async function replaceDay(sql: Sql, startMs: number, samples: readonly Sample[]): Promise<void> {
  const dayS = startMs / 1000;
  await sql.run('DELETE FROM sample_days WHERE day_s = $1', [dayS]);
  await sql.run('INSERT INTO sample_days (day_s, name, labels, value) SELECT $1, n.* FROM unnest($2::text[], $3::text[], $4::numeric[]) AS n', [
    dayS,
    ...columnsOf(samples),
  ]);
}

/** Labels name users. The next round writes them anew, from what the ledger has then. */
export async function forgetSamples(sql: Sql): Promise<void> {
  await sql.run('DELETE FROM samples');
  await sql.run('DELETE FROM sample_days');
}

async function forget(sql: Sql, condition: string, values: readonly unknown[]): Promise<void> {
  await sql.run(`DELETE FROM samples WHERE owner IN (SELECT owner FROM sampled WHERE ${condition})`, values);
  await sql.run(`DELETE FROM sampled WHERE ${condition}`, values);
}

/** Names, labels and values as array literals. What looks alike once it is stored is one label set: the first stands. What is no number is none. */
function columnsOf(samples: readonly Sample[]): [string, string, string] {
  const rows = new Map<string, readonly [name: string, labels: string, value: string]>();
  for (const { name, labels, value } of samples) {
    if (Number.isNaN(value)) continue;
    const text = JSON.stringify(Object.fromEntries(Object.entries(labels).map(([label, own]) => [label, storable(own)])));
    rows.getOrInsertComputed(`${name} ${text}`, () => [name, text, String(value)]);
  }
  const all = [...rows.values()];
  return [textArray(all.map(([name]) => name)), textArray(all.map(([, labels]) => labels)), textArray(all.map(([, , value]) => value))];
}
