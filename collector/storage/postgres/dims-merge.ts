/**
 * Combinations of dimensions that have become others: what refers to one refers to the other from then on, and sums are added up. In two steps, since
 * one that goes may be what another one becomes: first under numbers that nothing has, those below 0, then under their own.
 */
import { FINEST, REMOVED_SESSIONS } from '../../ledger/rollups.ts';
import { columnsOf } from './columns.ts';
import type { Sql } from './connection.ts';
import { COARSER } from './schema.ts';
import { int, numberArray, quotedName } from './sql-text.ts';

interface Summed {
  readonly table: string;
  /** Of the key, beside the slot and dims. */
  readonly keys: readonly string[];
  readonly hasSlot?: boolean;
  /** Of other columns than those that are added up. */
  readonly ends?: Readonly<Record<string, 'min' | 'max'>>;
}

const SUMMED: readonly Summed[] = [
  { table: 'recent', keys: ['start_s', 'replica'], hasSlot: true },
  ...[FINEST, ...COARSER].map(({ table }) => ({ table, keys: ['start_s'] })),
  { table: REMOVED_SESSIONS.table, keys: ['session'] },
  { table: 'minutes', keys: ['minute', 'replica'] },
  { table: 'people', keys: ['replica'], ends: { first_minute: 'min', last_minute: 'max' } },
  { table: 'session_places', keys: ['session'], hasSlot: true },
];

interface Merging {
  readonly table: string;
  /** The slot among them. */
  readonly keys: readonly string[];
  readonly columns: readonly { readonly name: string; readonly added: 'sum' | 'min' | 'max' }[];
  readonly old: string;
  readonly kept: string;
}

/** Columns that name a combination, and are no key. */
const NAMING = [
  { table: 'entries', column: 'dims' },
  { table: 'sessions', column: 'first_dims' },
  { table: 'sessions', column: 'last_dims' },
] as const;

const MERGED = (first: number): string => `unnest($${first}::int8[], $${first + 1}::int8[]) AS m (was, becomes)`;

/** `merged`: from number to number; rows of the new ones are there. Within a transaction that has the ledger for itself. */
export async function mergeDims(sql: Sql, merged: ReadonlyMap<number, number>, slots: number): Promise<void> {
  if (merged.size === 0) return;
  const [old, kept] = [numberArray([...merged.keys()]), numberArray([...merged.values()])];
  for (let slot = 0; slot < slots; slot++) {
    for (const { table, column } of NAMING) {
      const update = `UPDATE ${table} t SET ${column} = m.becomes FROM ${MERGED(2)} WHERE t.slot = $1 AND t.${column} = m.was`;
      await sql.run(update, [slot, old, kept]);
    }
  }
  for (const summed of SUMMED) {
    const merging = { ...(await mergingOf(sql, summed)), old, kept };
    if (summed.hasSlot !== true) await mergeSums(sql, merging);
    else for (let slot = 0; slot < slots; slot++) await mergeSums(sql, merging, slot);
  }
  await mergeMoved(sql, merged);
  const left = new Set(merged.values());
  await sql.run('DELETE FROM dims WHERE id = ANY($1::int8[])', [numberArray([...merged.keys()].filter((id) => !left.has(id)))]);
}

/** All that the table has, or measures of a later version would be lost. */
async function mergingOf(sql: Sql, { table, keys, hasSlot, ends }: Summed): Promise<Pick<Merging, 'table' | 'keys' | 'columns'>> {
  const own = hasSlot === true ? ['slot', ...keys] : keys;
  const others = (await columnsOf(sql, table)).filter((name) => name !== 'dims' && !own.includes(name));
  return { table, keys: own, columns: others.map((name) => ({ name: quotedName(name), added: ends?.[name] ?? 'sum' })) };
}

async function mergeSums(sql: Sql, { table, keys: own, columns, old, kept }: Merging, slot?: number): Promise<void> {
  const at = slot === undefined ? '' : `t.slot = ${slot} AND`;
  const names = columns.map(({ name }) => name);
  const listed = [...own, 'dims', ...names].join();
  const gone = [...own.map((name) => `t.${name}`), ...names.map((name) => `t.${name}`)].join();
  const added = columns.map(({ name, added: how }) => `${how}(${name})`).join();
  await sql.run(
    `WITH gone AS (DELETE FROM ${table} t USING ${MERGED(1)} WHERE ${at} t.dims = m.was RETURNING ${gone}, m.becomes)
     INSERT INTO ${table} (${listed}) SELECT ${own.join()}, -becomes, ${added} FROM gone GROUP BY ${[...own, 'becomes'].join()}`,
    [old, kept],
  );
  await sql.run(
    `WITH gone AS (DELETE FROM ${table} t WHERE ${at} t.dims < 0 RETURNING ${gone}, -t.dims AS dims)
     INSERT INTO ${table} AS t (${listed}) SELECT ${listed} FROM gone
     ON CONFLICT (${[...own, 'dims'].join()}) DO UPDATE SET ${columns.map(addition).join()}`,
  );
}

function addition({ name, added }: Merging['columns'][number]): string {
  if (added === 'sum') return `${name} = coalesce(t.${name} + excluded.${name}, t.${name}, excluded.${name})`;
  return `${name} = ${added === 'min' ? 'least' : 'greatest'}(t.${name}, excluded.${name})`;
}

/** Their sums are texts. Few, and only where a month was closed. */
async function mergeMoved(sql: Sql, merged: ReadonlyMap<number, number>): Promise<void> {
  const rows = await sql.rows('DELETE FROM moved_postings WHERE dims = ANY($1::int8[]) RETURNING *', [numberArray([...merged.keys()])]);
  for (const row of rows) {
    const key = [row.to_quarter, row.from_quarter, merged.get(int(row.dims)), row.replica];
    const [known] = await sql.rows(
      'SELECT sums, at_ms FROM moved_postings WHERE to_quarter = $1 AND from_quarter = $2 AND dims = $3 AND replica = $4',
      key,
    );
    await sql.run(
      `INSERT INTO moved_postings (to_quarter, from_quarter, dims, replica, month, at_ms, sums) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (to_quarter, from_quarter, dims, replica) DO UPDATE SET at_ms = excluded.at_ms, sums = excluded.sums`,
      [...key, row.month, Math.max(int(row.at_ms), int(known?.at_ms)), addTexts(String(row.sums), String(known?.sums ?? ''))],
    );
  }
}

/** "id=sum id=sum" of both. */
function addTexts(...texts: readonly string[]): string {
  const totals = new Map<string, bigint>();
  for (const pair of texts.flatMap((text) => (text === '' ? [] : text.split(' ')))) {
    const [id = '', sum = '0'] = pair.split('=');
    totals.set(id, (totals.get(id) ?? 0n) + BigInt(sum));
  }
  return [...totals].flatMap(([id, total]) => (total === 0n ? [] : [`${id}=${total}`])).join(' ');
}
