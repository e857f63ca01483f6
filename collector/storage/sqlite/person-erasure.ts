/** LedgerWriter.erase and rename, each within one transaction: see collector/ledger/erasure.ts. */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { DIMENSION_NAMES } from '../../catalog/measures.ts';
import { type Erased, Eraser, type Erasure, NOTHING_ERASED, type Renamed, type Renamer, type Renaming, UserRenamer } from '../../ledger/erasure.ts';
import { joinKeyOf, nameKeyOf, REALM_MARK } from '../../ledger/pools.ts';
import { digestOf } from '../dims-digest.ts';
import { DimsIndex } from './dims-index.ts';
import { mergeDims } from './dims-merge.ts';
import { renameRepricers } from './repricings.ts';
import { WatermarkReader } from './rollup-watermark.ts';
import type { Tombstones } from './tombstones.ts';

const NEW_KEY_BYTES = 9;

/** The key of a name (?1), in whichever realm. */
const isKey = (column: string): string => `(${column} = ?1 OR (${column} LIKE '${REALM_MARK}%' AND substr(${column}, -length(?1) - 1) = '.' || ?1))`;

export interface ErasedRows extends Erased {
  /** See dims-merge.ts. */
  readonly isStraddling: boolean;
}

/** Every cache of what is in the tables is void afterwards. */
export function erasePerson(
  database: DatabaseSync,
  tombstones: Tombstones,
  { names: given, pseudonym, isRemembered, otherNames }: Erasure,
): ErasedRows {
  const joined = otherNames === 'given' ? [] : given.flatMap((name) => joinedNames(database, name));
  const names = [...new Set([...given, ...joined])];
  const known = names.map((name) => tombstones.names.pseudonymOf(name)).find((found) => found !== undefined);
  const eraser = new Eraser(names, known ?? pseudonym);
  if (otherNames === 'asked') return { pseudonym: eraser.pseudonym, names, ...NOTHING_ERASED, isStraddling: false };
  const { combinations, isStraddling } = renameDims(database, eraser);
  const values = renameValues(database, eraser);
  const sessions = renameSessions(database, eraser);
  renameRepricers(database, eraser);
  const links = names.reduce((sum, name) => sum + renameLinks(database, tombstones, name, eraser.pseudonym, isRemembered), 0);
  return { pseudonym: eraser.pseudonym, names, combinations, values, sessions, links, isStraddling };
}

/** Every cache of what is in the tables is void afterwards. */
export function renameUsers(database: DatabaseSync, names: Renaming['names']): Renamed & Pick<ErasedRows, 'isStraddling'> {
  const renamer = new UserRenamer(names);
  const { combinations, isStraddling } = renameDims(database, renamer);
  return { combinations, values: renameValues(database, renamer), sessions: renameSessions(database, renamer), isStraddling };
}

/**
 * Other users that are this person: those by whose name a session is joined that this name joins, too, and no session of anybody else. A
 * name that several share, such as that of a token, is nobody's own.
 */
function joinedNames(database: DatabaseSync, name: string): string[] {
  const together = `SELECT DISTINCT other.key FROM session_links own JOIN session_links other ON other.session = own.session WHERE ${isKey('own.key')}`;
  const keys = new Set(
    database
      .prepare(together)
      .all(joinKeyOf(name))
      .map(({ key }) => nameKeyOf(String(key))),
  );
  if (keys.size < 2) return [];
  const users = database
    .prepare(`SELECT DISTINCT user FROM dims WHERE user <> ''`)
    .all()
    .map(({ user }) => String(user));
  const owners = database.prepare(`SELECT DISTINCT d.user FROM session_links l JOIN sessions s ON s.id = l.session
    JOIN dims d ON d.id IN (s.first_dims, s.last_dims) WHERE ${isKey('l.key')} AND d.user NOT IN ('', ?2, ?3)`);
  return users.filter((user) => user !== name && keys.has(joinKeyOf(user)) && owners.get(joinKeyOf(user), user, name) === undefined);
}

function renameDims(database: DatabaseSync, renamer: Renamer): { readonly combinations: number; readonly isStraddling: boolean } {
  const merged = new Map<number, number>();
  const index = new DimsIndex(database);
  const update = database.prepare(`UPDATE dims SET key = ?, ${DIMENSION_NAMES.map((name) => `${name} = ?`).join()} WHERE id = ?`);
  let combinations = 0;
  for (const row of database.prepare(`SELECT id, key, ${DIMENSION_NAMES.join()} FROM dims`).all()) {
    const before = DIMENSION_NAMES.map((name) => String(row[name]));
    const values = DIMENSION_NAMES.map((name, index) => renamer.value(name, before[index] ?? ''));
    if (values.every((value, index) => value === before[index])) continue;
    combinations++;
    const digest = digestOf(values);
    const same = index.find(digest);
    index.remove(String(row.key));
    if (same === undefined) {
      update.run(digest, ...values, Number(row.id));
      index.add(digest, Number(row.id));
    } else merged.set(Number(row.id), same);
  }
  const isStraddling = merged.size > 0 && mergeDims(database, merged, new WatermarkReader(database).read());
  index.settle();
  return { combinations, isStraddling };
}

function renameValues(database: DatabaseSync, renamer: Renamer): number {
  const insert = database.prepare(`INSERT INTO dimension_values (dimension, value, seen_day, has_spend) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET seen_day = max(seen_day, excluded.seen_day), has_spend = max(has_spend, excluded.has_spend)`);
  const remove = database.prepare('DELETE FROM dimension_values WHERE dimension = ? AND value = ?');
  let values = 0;
  for (const name of DIMENSION_NAMES) {
    for (const { value, seen_day, has_spend } of database
      .prepare('SELECT value, seen_day, has_spend FROM dimension_values WHERE dimension = ?')
      .all(name)) {
      const renamed = renamer.value(name, String(value));
      if (renamed === value) continue;
      values++;
      remove.run(name, String(value));
      insert.run(name, renamed, Number(seen_day), Number(has_spend));
    }
  }
  return values;
}

/** Two that would get the same id stay two sessions. */
function renameSessions(database: DatabaseSync, renamer: Renamer): number {
  const isTaken = database.prepare('SELECT 1 FROM sessions WHERE session_id = ?');
  const update = database.prepare('UPDATE sessions SET session_id = ? WHERE id = ?');
  const renamed: (readonly [id: number, sessionId: string])[] = [];
  for (const { id, session_id } of database.prepare('SELECT id, session_id FROM sessions').iterate()) {
    const sessionId = renamer.sessionId(String(session_id));
    if (sessionId !== session_id) renamed.push([Number(id), sessionId]);
  }
  for (const [id, sessionId] of renamed) update.run(isTaken.get(sessionId) === undefined ? sessionId : `${sessionId}~${id}`, id);
  return renamed.length;
}

/** Each name keeps a key of its own, or sessions would be joined that were not. */
function renameLinks(database: DatabaseSync, tombstones: Tombstones, name: string, pseudonym: string, isRemembered: boolean): number {
  const [key, newKey] = [joinKeyOf(name), randomBytes(NEW_KEY_BYTES).toString('base64url')];
  const { changes } = database
    .prepare(`UPDATE session_links SET key = substr(key, 1, length(key) - length(?1)) || ?2 WHERE ${isKey('key')}`)
    .run(key, newKey);
  if (isRemembered) tombstones.remember(name, pseudonym, key, newKey);
  return Number(changes);
}
