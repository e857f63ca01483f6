/** LedgerWriter.erase and rename, each within one transaction that has the ledger for itself: see collector/ledger/erasure.ts. */
import { randomBytes } from 'node:crypto';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { type Erased, Eraser, type Erasure, NOTHING_ERASED, type Renamed, type Renamer, type Renaming, UserRenamer } from '../../ledger/erasure.ts';
import { joinKeyOf, nameKeyOf, REALM_MARK } from '../../ledger/pools.ts';
import type { Sql, Transaction } from './connection.ts';
import { DimsTable } from './dimension-sets.ts';
import { DimensionValues } from './dimension-values.ts';
import { mergeDims } from './dims-merge.ts';
import { renameRepricers } from './repricings.ts';
import { forgetSamples } from './samples.ts';
import { renameSessions } from './session-renaming.ts';
import { int, quotedName } from './sql-text.ts';
import type { Tombstones } from './tombstones.ts';

const NEW_KEY_BYTES = 9;
const ROWS_AT_ONCE = 5_000;

/** The key of a name ($1), in whichever realm. */
const isKey = (column: string): string =>
  `(${column} = $1 OR (left(${column}, 1) = '${REALM_MARK}' AND right(${column}, length($1) + 1) = '.' || $1))`;

/** Every cache of what is in the tables is void afterwards. */
export async function erasePerson(
  sql: Transaction,
  tombstones: Tombstones,
  { names: given, pseudonym, isRemembered, otherNames }: Erasure,
  slots: number,
): Promise<Erased> {
  const joined: string[] = [];
  for (const name of otherNames === 'given' ? [] : given) joined.push(...(await joinedNames(sql, name)));
  const names = [...new Set([...given, ...joined])];
  const known = names.map((name) => tombstones.names.pseudonymOf(name)).find((found) => found !== undefined);
  const eraser = new Eraser(names, known ?? pseudonym);
  if (otherNames === 'asked') return { pseudonym: eraser.pseudonym, names, ...NOTHING_ERASED };
  const renamed = await rename(sql, eraser, slots);
  await renameRepricers(sql, eraser);
  await forgetSamples(sql);
  let links = 0;
  for (const name of names) {
    const [key, newKey] = [joinKeyOf(name), randomBytes(NEW_KEY_BYTES).toString('base64url')];
    links += await renameLinks(sql, key, newKey);
    if (isRemembered) await tombstones.remember(sql, name, eraser.pseudonym, key, newKey);
  }
  return { pseudonym: eraser.pseudonym, names, ...renamed, links };
}

/** Every cache of what is in the tables is void afterwards. */
export const renameUsers = (sql: Transaction, names: Renaming['names'], slots: number): Promise<Renamed> =>
  rename(sql, new UserRenamer(names), slots);

async function rename(sql: Transaction, renamer: Renamer, slots: number): Promise<Renamed> {
  const combinations = await renameDims(sql, renamer, slots);
  return { combinations, values: await renameValues(sql, renamer), sessions: await renameSessions(sql, renamer, slots) };
}

/**
 * Other users that are this person: those by whose name a session is joined that this name joins, too, and no session of anybody else. A
 * name that several share, such as that of a token, is nobody's own.
 */
async function joinedNames(sql: Sql, name: string): Promise<string[]> {
  const together = `SELECT DISTINCT other.key FROM session_links own JOIN session_links other ON other.session = own.session WHERE ${isKey('own.key')}`;
  const keys = new Set((await sql.rows(together, [joinKeyOf(name)])).map(({ key }) => nameKeyOf(String(key))));
  if (keys.size < 2) return [];
  const users = (await sql.rows(`SELECT DISTINCT "user" AS name FROM dims WHERE "user" <> ''`)).map((row) => String(row.name));
  const owners = `SELECT 1 FROM session_links l JOIN sessions s ON s.session = l.session
    JOIN dims d ON d.id IN (s.first_dims, s.last_dims) WHERE ${isKey('l.key')} AND d."user" NOT IN ('', $2, $3) LIMIT 1`;
  const found: string[] = [];
  for (const user of users) {
    if (user === name || !keys.has(joinKeyOf(user))) continue;
    if ((await sql.rows(owners, [joinKeyOf(user), user, name])).length === 0) found.push(user);
  }
  return found;
}

/** A number is made of what it stands for: a renamed combination is another one. */
async function renameDims(sql: Transaction, renamer: Renamer, slots: number): Promise<number> {
  const renamed: { readonly id: number; readonly values: readonly string[] }[] = [];
  for await (const rows of sql.pages(`SELECT id, ${DIMENSION_NAMES.map(quotedName).join()} FROM dims`, [], ROWS_AT_ONCE)) {
    for (const [id, ...before] of rows) {
      const values = DIMENSION_NAMES.map((name, index) => renamer.value(name, String(before[index])));
      if (values.some((value, index) => value !== before[index])) renamed.push({ id: int(id), values });
    }
  }
  const dims = new DimsTable();
  const merged = new Map(renamed.map(({ id, values }) => [id, dims.numberOf(values)]));
  await dims.store(sql);
  await mergeDims(sql, merged, slots);
  return merged.size;
}

async function renameValues(sql: Sql, renamer: Renamer): Promise<number> {
  const values = new DimensionValues();
  await values.read(sql);
  let renamed = 0;
  for (const { dimension, value, ...kept } of values.all()) {
    const name = renamer.value(dimension, value);
    if (name === value) continue;
    renamed++;
    values.remove(dimension, value);
    values.keep(dimension, name, kept);
  }
  await values.store(sql);
  return renamed;
}

/** Each name keeps a key of its own, or sessions would be joined that were not. */
async function renameLinks(sql: Sql, key: string, newKey: string): Promise<number> {
  const renamed = `key = left(key, length(key) - length($1)) || $2 WHERE ${isKey('key')}`;
  await sql.run(`UPDATE link_days SET ${renamed}`, [key, newKey]);
  return sql.run(`UPDATE session_links SET ${renamed}`, [key, newKey]);
}
