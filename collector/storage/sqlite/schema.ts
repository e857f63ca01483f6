/** The file's tables. Numbered migrations for their shape; columns of measures, sources and dimensions follow the catalog. */
import type { DatabaseSync } from 'node:sqlite';
import { DIMENSION_NAMES, MEASURE_NAMES } from '../../catalog/measures.ts';
import { SOURCE_COSTS } from '../../catalog/sources.ts';
import { LedgerlineError } from '../../core/error.ts';
import { ROLLUPS, type Rollup } from '../../ledger/rollups.ts';
import { API_REQUESTS } from './api-requests.ts';
import { CLOSED_MONTHS } from './closed-months.ts';
import { DIMS_BY_KEY } from './dims-index.ts';
import { REPRICINGS } from './repricings.ts';
import { delayRollups } from './rollup-delay.ts';
import { SESSION_PLACES } from './session-places.ts';
import { SESSION_OWNERS } from './session-places-fill.ts';
import { COST_COLUMNS } from './sessions.ts';
import { CARRIES_TABLE, highOf, UNIT } from './wide.ts';

/** Each runs once. Never edit one that has landed; append. */
const MIGRATIONS: readonly (string | ((database: DatabaseSync) => void))[] = [
  `CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
   CREATE TABLE sessions (
     id INTEGER PRIMARY KEY,
     session_id TEXT NOT NULL UNIQUE,
     first_ms INTEGER NOT NULL, first_identity TEXT NOT NULL, first_dims INTEGER NOT NULL,
     last_ms INTEGER NOT NULL, last_identity TEXT NOT NULL, last_dims INTEGER NOT NULL,
     is_dashboard INTEGER NOT NULL, is_pruned INTEGER NOT NULL DEFAULT 0,
     cost INTEGER NOT NULL DEFAULT 0, cost_events INTEGER NOT NULL DEFAULT 0, cost_metrics INTEGER NOT NULL DEFAULT 0,
     numbered_events INTEGER NOT NULL DEFAULT 0, missing_events INTEGER NOT NULL DEFAULT 0
   );
   -- By the hour: an active session's last_ms changes with every export, its hour seldom.
   CREATE INDEX sessions_by_last_hour ON sessions (last_ms / 3600000);
   CREATE TABLE dims (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
   CREATE TABLE dimension_values (dimension TEXT, value TEXT, PRIMARY KEY (dimension, value)) WITHOUT ROWID;
   CREATE TABLE entries (
     session INTEGER NOT NULL, identity TEXT NOT NULL,
     time_ms INTEGER NOT NULL, flags INTEGER NOT NULL, dims INTEGER NOT NULL,
     cost INTEGER NOT NULL, list_cost INTEGER NOT NULL, amounts TEXT NOT NULL,
     series TEXT, start_ms INTEGER, sequence INTEGER,
     PRIMARY KEY (session, identity)
   ) WITHOUT ROWID;
   -- By UTC minute; dims name organisation and team.
   CREATE TABLE minutes (
     minute INTEGER NOT NULL, dims INTEGER NOT NULL, requests INTEGER NOT NULL, tokens INTEGER NOT NULL,
     PRIMARY KEY (minute, dims)
   ) WITHOUT ROWID;
   -- dims name organisation, team and user.
   CREATE TABLE people (dims INTEGER PRIMARY KEY, first_minute INTEGER NOT NULL, last_minute INTEGER NOT NULL);`,
  renameOrganization,
  `${CARRIES_TABLE};
   ALTER TABLE sessions ADD COLUMN cost_high INTEGER NOT NULL DEFAULT 0;
   UPDATE sessions SET cost_high = cost / ${UNIT}, cost = cost % ${UNIT} WHERE cost >= ${UNIT};`,
  `ALTER TABLE sessions ADD COLUMN removed_before_ms INTEGER NOT NULL DEFAULT 0;
   UPDATE sessions SET removed_before_ms = last_ms + 1 WHERE is_pruned = 1;
   ALTER TABLE sessions DROP COLUMN is_pruned;
   -- Those that still have entries.
   CREATE INDEX sessions_to_remove ON sessions (last_ms / 3600000) WHERE removed_before_ms <= last_ms;
   -- Entries that are none any more and still have to go.
   CREATE TABLE removals (session INTEGER PRIMARY KEY, before_ms INTEGER NOT NULL);`,
  `ALTER TABLE dimension_values ADD COLUMN seen_day INTEGER NOT NULL DEFAULT 0;
   UPDATE dimension_values SET seen_day = unixepoch() / 86400;`,
  `-- On which UTC days a session reported money or tokens, and whose it said they are: see collector/ledger/pools.ts.
   CREATE TABLE session_links (
     day INTEGER NOT NULL, is_pool INTEGER NOT NULL, key TEXT NOT NULL, session INTEGER NOT NULL,
     PRIMARY KEY (day, is_pool, key, session)
   ) WITHOUT ROWID;
   CREATE INDEX session_links_by_session ON session_links (session);`,
  `-- Entries that came when their session could not be booked again any more: see collector/ledger/session-booking.ts.
   ALTER TABLE entries ADD COLUMN held_back INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE sessions ADD COLUMN held_back_entries INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE dimension_values ADD COLUMN has_spend INTEGER NOT NULL DEFAULT 1;`,
  `-- Keyed digests of the names of people who were erased, and what stands in their place: see tombstones.ts.
   CREATE TABLE erased (digest TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;`,
  `-- What sessions of several places cost in each: see session-places.ts.
   ALTER TABLE sessions ADD COLUMN is_shared INTEGER NOT NULL DEFAULT 0;
   ${SESSION_PLACES};
   ${SESSION_OWNERS};`,
  `-- The request that an entry is about: see Entry.
   ALTER TABLE entries ADD COLUMN request TEXT;`,
  `${API_REQUESTS};`,
  `${CLOSED_MONTHS};
   ${REPRICINGS};`,
  `-- In the order of arrival: what an export brings lies on a page or two. By session and identity, each entry had a page of its own to be written.
   ALTER TABLE entries RENAME TO entries_by_identity;
   CREATE TABLE entries (
     session INTEGER NOT NULL, identity TEXT NOT NULL,
     time_ms INTEGER NOT NULL, flags INTEGER NOT NULL, dims INTEGER NOT NULL,
     cost INTEGER NOT NULL, list_cost INTEGER NOT NULL, amounts TEXT NOT NULL,
     series TEXT, start_ms INTEGER, sequence INTEGER, held_back INTEGER NOT NULL DEFAULT 0, request TEXT
   );
   INSERT INTO entries SELECT session, identity, time_ms, flags, dims, cost, list_cost, amounts, series, start_ms, sequence, held_back, request
     FROM entries_by_identity;
   CREATE UNIQUE INDEX entries_by_session ON entries (session, identity);
   DROP TABLE entries_by_identity;`,
  indexDims,
];

const SESSION_COSTS = [...SOURCE_COSTS, ...SOURCE_COSTS.map(highOf)];

export const SCHEMA_VERSION = MIGRATIONS.length;
/** Until then, some coarse roll-ups were filled with every export. */
const ALL_DELAYED = 14;

const NEWER = 'This ledger was written by a newer Ledgerline';
const NEWER_HINT = 'Start that version, or restore a backup made by this one.';

/**
 * Brings a file up to this program's schema, or refuses a newer one with a sentence. All of it or
 * nothing: a file that a former program wrote stays one until the end.
 */
export function migrate(database: DatabaseSync): void {
  const found = userVersion(database);
  refuseNewer(found);
  transaction(database, () => {
    for (const migration of MIGRATIONS.slice(found)) {
      if (typeof migration === 'string') database.exec(migration);
      else migration(database);
    }
    if (found < SCHEMA_VERSION) database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    const created = followCatalog(database);
    if (found > 0 && found < ALL_DELAYED) delayRollups(database);
    // They are filled in a transaction of their own: a start that ends before it leaves that to the next.
    if (found > 0 && created.length > 0) database.exec(`DELETE FROM state WHERE name = 'calendar'`);
  });
}

/** A new file has no columns of dimensions yet: they follow the catalog afterwards. */
function renameOrganization(database: DatabaseSync): void {
  if (!columnsOf(database, 'dims').includes('organisation')) return; // former spelling
  database.exec('ALTER TABLE dims RENAME COLUMN organisation TO organization');
  database.exec(`UPDATE dimension_values SET dimension = 'organization' WHERE dimension = 'organisation'`);
  database.exec(`UPDATE state SET name = 'overflow:organization' WHERE name = 'overflow:organisation'`);
}

/** Keys get a table of their own instead of a constraint: see dims-index.ts. */
function indexDims(database: DatabaseSync): void {
  const names = columnsOf(database, 'dims');
  const definitions = names.filter((name) => name !== 'id' && name !== 'key').map((name) => `, ${name} TEXT NOT NULL DEFAULT ''`);
  database.exec(`ALTER TABLE dims RENAME TO unique_dims;
    CREATE TABLE dims (id INTEGER PRIMARY KEY, key TEXT NOT NULL${definitions.join('')});
    INSERT INTO dims (${names.join()}) SELECT ${names.join()} FROM unique_dims;
    DROP TABLE unique_dims;
    ${DIMS_BY_KEY};
    INSERT INTO dims_by_key SELECT key, id FROM dims ORDER BY key;
    INSERT OR REPLACE INTO state SELECT 'dims_indexed', max(id) FROM dims WHERE true HAVING max(id) IS NOT NULL`);
}

/** `file` where it is not the one that is opened. */
export function refuseNewer(version: number, known = SCHEMA_VERSION, file = 'This ledger'): void {
  if (version <= known) return;
  throw new LedgerlineError(
    'invalid',
    `${file} was written by a newer Ledgerline: its schema is version ${version}, this program knows up to ${known}.`,
    {
      hint: NEWER_HINT,
    },
  );
}

/** A reader changes nothing, so what a later version of the catalog knows must be in the file before it can be asked for. */
export function refuseOlder(database: DatabaseSync): void {
  const wanted = [
    { table: 'dims', names: DIMENSION_NAMES },
    { table: 'dims_by_key', names: ['key'] },
    { table: 'sessions', names: SESSION_COSTS },
    { table: 'carries', names: ['units'] },
    { table: 'api_requests', names: ['request'] },
    { table: 'session_places', names: COST_COLUMNS },
    { table: 'removals', names: ['before_ms'] },
    { table: 'entries', names: ['request'] },
    { table: 'moved_postings', names: ['sums'] },
    ...ROLLUPS.map(({ table }) => ({ table, names: MEASURE_NAMES })),
  ];
  for (const { table, names } of wanted) {
    const present = columnsOf(database, table);
    const missing = names.find((name) => !present.includes(name));
    if (missing === undefined) continue;
    throw new LedgerlineError('invalid', `This ledger was written by an older Ledgerline: its table ${table} has no column "${missing}".`, {
      hint: 'Start the collector of this version once: it adds what is missing and keeps all data.',
    });
  }
}

/** SQLite's primary result codes for a damaged file and for a file of something else. */
const UNREADABLE = new Set([11, 26]);

/** Runs what opens a ledger; says in a sentence when the file is none. */
export function opening<Result>(file: string, open: () => Result): Result {
  try {
    return open();
  } catch (cause) {
    const isSqlite = typeof cause === 'object' && cause !== null && 'errcode' in cause && 'message' in cause;
    if (!isSqlite || !UNREADABLE.has(Number(cause.errcode) & 0xff)) throw cause;
    throw new LedgerlineError('invalid', `${file} cannot be read as a ledger: ${cause.message}.`, {
      hint: 'Restore a backup with `ledgerline restore`, or name another folder with --data. The file was not changed.',
      cause,
    });
  }
}

export function userVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

export function transaction<Result>(database: DatabaseSync, run: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = run();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** A new measure or dimension is one entry in the catalog: its column appears here. */
function followCatalog(database: DatabaseSync): readonly Rollup[] {
  dropStaleRollups(database);
  addColumns(database, 'dims', DIMENSION_NAMES, `TEXT NOT NULL DEFAULT ''`, ['id', 'key']);
  addColumns(database, 'sessions', SESSION_COSTS, 'INTEGER NOT NULL DEFAULT 0', columnsOf(database, 'sessions'));
  addColumns(database, 'session_places', COST_COLUMNS, 'INTEGER NOT NULL DEFAULT 0', ['session', 'dims']);
  return ROLLUPS.filter(({ table }) => {
    const isNew = columnsOf(database, table).length === 0;
    if (isNew) createRollup(database, table);
    else addColumns(database, table, MEASURE_NAMES, MEASURE, ['bucket', 'dims']);
    return isNew;
  });
}

const MEASURE = 'INTEGER NOT NULL DEFAULT 0';

/**
 * With all its columns at once: one by one, they were two thirds of a new ledger's start. A sum that no longer fits would silently become
 * a float; STRICT turns that into an error, and the sum is carried.
 */
function createRollup(database: DatabaseSync, table: string): void {
  const columns = ['bucket INTEGER NOT NULL', 'dims INTEGER NOT NULL', ...MEASURE_NAMES.map((name) => `${name} ${MEASURE}`)];
  database.exec(`CREATE TABLE ${table} (${columns.join()}, PRIMARY KEY (bucket, dims)) WITHOUT ROWID, STRICT`);
}

/** A roll-up that is no longer kept goes: were it kept again one day, it would be stale. */
function dropStaleRollups(database: DatabaseSync): void {
  const kept = new Set(ROLLUPS.map(({ table }) => table));
  for (const { name } of database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'rollup%'`).all()) {
    if (!kept.has(String(name))) database.exec(`DROP TABLE ${name}; DELETE FROM carries WHERE rollup = '${name}'`);
  }
}

function addColumns(database: DatabaseSync, table: string, names: readonly string[], definition: string, own: readonly string[]): void {
  const present = columnsOf(database, table);
  const unknown = present.find((name) => !own.includes(name) && !names.includes(name));
  if (unknown !== undefined) {
    throw new LedgerlineError('invalid', `${NEWER}: its table ${table} has a column "${unknown}" that this program does not know.`, {
      hint: NEWER_HINT,
    });
  }
  for (const name of names) {
    if (present.includes(name)) continue;
    database.exec(`ALTER TABLE ${table} ADD COLUMN ${name} ${definition}`);
  }
}

export function columnsOf(database: DatabaseSync, table: string): string[] {
  return database
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map((row) => String(row.name));
}
