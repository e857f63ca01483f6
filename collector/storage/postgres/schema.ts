/**
 * The tables of a ledger on PostgreSQL. Numbered migrations for their shape; columns of measures, sources and dimensions follow the catalog.
 * Columns are added and never required, since an older version may write beside a newer one while replicas are updated.
 */
import { DIMENSION_NAMES, MEASURE_NAMES } from '../../catalog/measures.ts';
import { SOURCE_COSTS } from '../../catalog/sources.ts';
import { LedgerlineError } from '../../core/error.ts';
import { codeOf } from '../../core/error-code.ts';
import { FINEST, REMOVED_SESSIONS, ROLLUPS, type Rollup } from '../../ledger/rollups.ts';
import { BUDGET_TABLES } from './budget-schema.ts';
import { columnsOf } from './columns.ts';
import type { Database, Sql } from './connection.ts';
import { DIRECTORY_INDEXES, DIRECTORY_TABLES } from './directory-tables.ts';
import { KEPT_FILE_TABLES } from './kept-file-tables.ts';
import { READ_TABLES } from './read-tables.ts';
import { int, quotedName } from './sql-text.ts';
import { STATEMENT_TABLES } from './statement-tables.ts';
import { type OnWaiting, updating } from './updating.ts';

/** Each runs once, in one transaction with its number. Never edit one that has landed; append. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    // Facts that all replicas share.
    'CREATE TABLE meta (name text PRIMARY KEY, value text NOT NULL)',
    // Sums that each replica adds to its own row of. A name is a counter of the ledger.
    'CREATE TABLE state (slot int2 NOT NULL, replica int4 NOT NULL, name text COLLATE "C" NOT NULL, value numeric NOT NULL, PRIMARY KEY (slot, replica, name)) WITH (fillfactor = 70)',
    // Row 0 is nobody's: see replicas.ts. A raised generation: forget what you remember.
    `CREATE TABLE replicas (
       replica int4 PRIMARY KEY, owner text NOT NULL, until_ms int8 NOT NULL, generation int8 NOT NULL, as_of_ms int8, version text NOT NULL
     ) WITH (fillfactor = 50)`,
    `INSERT INTO replicas VALUES (0, '', 0, 1, NULL, '')`,
    'CREATE TABLE lease (name text PRIMARY KEY, owner text NOT NULL, until_ms int8 NOT NULL, fence int8 NOT NULL)',
    // digest: of the combination, as the embedded ledger makes it; a number that two share goes to the first.
    'CREATE TABLE dims (id int8 PRIMARY KEY, digest text COLLATE "C" NOT NULL)',
    `CREATE TABLE dimension_values (
       dimension text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL, seen_day int4 NOT NULL, has_spend boolean NOT NULL, PRIMARY KEY (dimension, value)
     )`,
    // rev 0: made and not written yet, which is no session for anybody. part: the month in which it was made, as 202611.
    `CREATE TABLE sessions (
       slot int2 NOT NULL, session int8 NOT NULL, session_id text COLLATE "C" NOT NULL, rev int4 NOT NULL, part int4 NOT NULL, made_ms int8 NOT NULL,
       first_ms int8 NOT NULL, first_identity text COLLATE "C" NOT NULL, first_dims int8 NOT NULL,
       last_ms int8 NOT NULL, last_identity text COLLATE "C" NOT NULL, last_dims int8 NOT NULL, last_hour int4 NOT NULL,
       is_dashboard boolean NOT NULL DEFAULT false, is_shared boolean NOT NULL DEFAULT false, removed_before_ms int8 NOT NULL DEFAULT 0,
       has_entries boolean NOT NULL DEFAULT true, cost numeric NOT NULL DEFAULT 0,
       numbered_events int8 NOT NULL DEFAULT 0, missing_events int8 NOT NULL DEFAULT 0, held_back_entries int8 NOT NULL DEFAULT 0,
       PRIMARY KEY (slot, session)
     ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)`,
    // By the id that a client gave, which is how the stored one begins.
    'CREATE INDEX sessions_by_id ON sessions (session_id)',
    'CREATE INDEX sessions_by_last_hour ON sessions (last_hour)',
    'CREATE INDEX sessions_by_made ON sessions (made_ms)',
    // By a column that hardly ever changes: with last_ms in the condition no update could stay on its page (HOT).
    'CREATE INDEX sessions_to_remove ON sessions (last_hour) WHERE has_entries',
    `CREATE TABLE entries (
       slot int2 NOT NULL, part int4 NOT NULL, session int8 NOT NULL, identity text COLLATE "C" NOT NULL,
       time_ms int8 NOT NULL, dims int8 NOT NULL, cost int8 NOT NULL, list_cost int8 NOT NULL, start_ms int8, sequence int8,
       flags int4 NOT NULL, held_back int2 NOT NULL DEFAULT 0, amounts text COLLATE "C" NOT NULL, series text COLLATE "C", request text COLLATE "C",
       PRIMARY KEY (slot, part, session, identity)
     ) PARTITION BY LIST (part)`,
    // Entries that are none any more and still have to go.
    'CREATE TABLE removals (slot int2 NOT NULL, session int8 NOT NULL, before_ms int8 NOT NULL, PRIMARY KEY (slot, session))',
    // Sums of quarters of an hour that are not over, or not moved yet; one row a replica.
    `CREATE TABLE recent (
       slot int2 NOT NULL, start_s int8 NOT NULL, dims int8 NOT NULL, replica int4 NOT NULL, PRIMARY KEY (slot, start_s, dims, replica)
     ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)`,
    // By UTC minute; dims name organization and team.
    `CREATE TABLE minutes (
       minute int8 NOT NULL, dims int8 NOT NULL, replica int4 NOT NULL, requests numeric NOT NULL, tokens numeric NOT NULL, PRIMARY KEY (minute, dims, replica)
     ) WITH (fillfactor = 70)`,
    // dims name organization, team and user.
    'CREATE TABLE people (dims int8 NOT NULL, replica int4 NOT NULL, first_minute int8 NOT NULL, last_minute int8 NOT NULL, PRIMARY KEY (dims, replica)) WITH (fillfactor = 70)',
    // On which UTC days a session reported money or tokens, and of which keys: see collector/ledger/pools.ts.
    `CREATE TABLE session_links (
       day int4 NOT NULL, is_pool boolean NOT NULL, key text COLLATE "C" NOT NULL, session int8 NOT NULL, PRIMARY KEY (day, is_pool, key, session)
     )`,
    'CREATE INDEX session_links_by_session ON session_links (session)',
    // A row is locked by whoever adds a link of its day and key, so that of two at once the second sees the first.
    'CREATE TABLE link_days (day int4 NOT NULL, key text COLLATE "C" NOT NULL, PRIMARY KEY (day, key))',
    // What sessions of several places cost in each.
    `CREATE TABLE session_places (
       slot int2 NOT NULL, session int8 NOT NULL, dims int8 NOT NULL, cost numeric NOT NULL DEFAULT 0, PRIMARY KEY (slot, session, dims)
     )`,
    'CREATE INDEX session_places_by_dims ON session_places (dims)',
    // Keyed digests of the names of people who were erased, and what stands in their place.
    'CREATE TABLE erased (digest text PRIMARY KEY, value text NOT NULL)',
    `CREATE TABLE api_requests (
       day int4 NOT NULL, request text COLLATE "C" NOT NULL, time_ms int8 NOT NULL,
       organization text COLLATE "C" NOT NULL, workspace text COLLATE "C" NOT NULL, model text COLLATE "C" NOT NULL,
       input int8 NOT NULL, output int8 NOT NULL, cache_read int8 NOT NULL, cache_creation_5m int8 NOT NULL, cache_creation_1h int8 NOT NULL,
       list_cost int8, PRIMARY KEY (day, request)
     )`,
    `CREATE TABLE closed_months (
       month text COLLATE "C" PRIMARY KEY, from_quarter int8 NOT NULL, to_quarter int8 NOT NULL, closed_ms int8 NOT NULL, totals text NOT NULL
     )`,
    `CREATE TABLE moved_postings (
       to_quarter int8 NOT NULL, from_quarter int8 NOT NULL, dims int8 NOT NULL, replica int4 NOT NULL,
       month text COLLATE "C" NOT NULL, at_ms int8 NOT NULL, sums text NOT NULL, PRIMARY KEY (to_quarter, from_quarter, dims, replica)
     )`,
    `CREATE TABLE repricings (
       id int8 PRIMARY KEY, started_ms int8 NOT NULL, who text NOT NULL, book text NOT NULL, asked text NOT NULL, ended_ms int8, outcome text
     )`,
    ...STATEMENT_TABLES,
    ...DIRECTORY_TABLES,
    ...BUDGET_TABLES,
    ...KEPT_FILE_TABLES,
    ...READ_TABLES,
  ],
  DIRECTORY_INDEXES,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

interface Column {
  readonly name: string;
  readonly definition: string;
}

const COSTS = SOURCE_COSTS.map((name) => ({ name, definition: 'numeric NOT NULL DEFAULT 0' }));
const MEASURES = MEASURE_NAMES.map((name) => ({ name, definition: 'numeric' }));
/**
 * A new measure or dimension is one entry in the catalog: its column appears here, and so do others that an older version does without. Columns
 * that this version does not know stay.
 */
const CATALOG: readonly (readonly [table: string, columns: readonly Column[]])[] = [
  ['dims', DIMENSION_NAMES.map((name) => ({ name, definition: `text COLLATE "C" NOT NULL DEFAULT ''` }))],
  ['sessions', COSTS],
  ['replicas', [{ name: 'latest_ms', definition: 'int8' }]],
  ['session_places', COSTS],
  ...['recent', ...ROLLUPS.map(({ table }) => table)].map((table) => [table, MEASURES] as const),
];

/** Of a table of sums what its rows are about: periods, or sessions. */
export const bucketColumnOf = ({ grain }: Rollup): 'session' | 'start_s' => (grain === 'session' ? 'session' : 'start_s');

export interface SchemaOptions {
  /** Of a database that has none yet: in how many shards sessions are kept. */
  readonly slots?: number;
  readonly onWaiting?: OnWaiting | undefined;
}

/** Makes or updates the tables. One replica at a time; the others wait for it. Rejects with a sentence where it cannot be used. */
export async function migrate(database: Database, { slots = 1, onWaiting }: SchemaOptions = {}): Promise<void> {
  await database
    .run('CREATE TABLE IF NOT EXISTS schema_version (only_row boolean PRIMARY KEY CHECK (only_row), version int4 NOT NULL)')
    .catch(ignoreRace);
  await database.run('INSERT INTO schema_version VALUES (true, 0) ON CONFLICT DO NOTHING');
  await updating(database, (sql) => followMigrations(sql, slots), onWaiting);
  // One at a time: no table is locked while another one is waited for.
  for (const [table, columns] of CATALOG) {
    if ((await missingOf(database, table, columns)).length > 0) await updating(database, (sql) => addColumns(sql, table, columns), onWaiting);
  }
}

async function followMigrations(sql: Sql, slots: number): Promise<void> {
  const [row] = await sql.rows('SELECT version FROM schema_version');
  const found = int(row?.version);
  refuseNewer(found);
  for (const statements of MIGRATIONS.slice(found)) for (const text of statements) await sql.run(text);
  if (found < SCHEMA_VERSION) await sql.run('UPDATE schema_version SET version = $1', [SCHEMA_VERSION]);
  await sql.run(`INSERT INTO meta VALUES ('slots', $1) ON CONFLICT DO NOTHING`, [String(slots)]);
  for (const rollup of ROLLUPS) {
    const bucket = bucketColumnOf(rollup);
    await sql.run(`CREATE TABLE IF NOT EXISTS ${rollup.table} (${bucket} int8 NOT NULL, dims int8 NOT NULL, PRIMARY KEY (${bucket}, dims))`);
  }
}

/** Two who create one table at once: the second is told so, and finds it there. */
function ignoreRace(error: unknown): void {
  if (!['23505', '42P07', '42710'].includes(codeOf(error))) throw error;
}

function refuseNewer(version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new LedgerlineError(
    'invalid',
    `This ledger was written by a newer Ledgerline: its schema is version ${version}, this program knows up to ${SCHEMA_VERSION}.`,
    { hint: 'Start that version, or restore a backup made by this one.' },
  );
}

/** 0 where there is no ledger. */
export async function readVersion(sql: Sql): Promise<number> {
  const [row] = await sql.rows('SELECT version FROM schema_version').catch((error: unknown) => {
    if (codeOf(error) === '42P01') return [];
    throw error;
  });
  return int(row?.version);
}

/** For who only reads. Rejects where the tables are missing or of another version. */
export async function checkSchema(sql: Sql): Promise<void> {
  const found = await readVersion(sql);
  refuseNewer(found);
  if (found === SCHEMA_VERSION) return;
  throw new LedgerlineError(
    found === 0 ? 'not_found' : 'invalid',
    found === 0 ? 'There is no ledger in this database.' : 'This ledger is of an older version.',
    {
      hint: 'Start the collector of this version once: it adds what is missing and keeps all data.',
    },
  );
}

async function missingOf(sql: Sql, table: string, columns: readonly Column[]): Promise<readonly Column[]> {
  const present = new Set(await columnsOf(sql, table));
  return columns.filter(({ name }) => !present.has(name));
}

async function addColumns(sql: Sql, table: string, columns: readonly Column[]): Promise<void> {
  // Another replica may have been first.
  const missing = await missingOf(sql, table, columns);
  if (missing.length === 0) return;
  await sql.run(`ALTER TABLE ${table} ${missing.map(({ name, definition }) => `ADD COLUMN ${quotedName(name)} ${definition}`).join()}`);
}

/** Roll-ups of periods, all but the finest. */
export const COARSER: readonly Rollup[] = ROLLUPS.filter((rollup) => rollup !== FINEST && rollup !== REMOVED_SESSIONS);

/** The month in which something is made, which names its partition: 202611. */
export function partOf(nowMs: number): number {
  const date = new Date(nowMs);
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
}
