/** Makes the schema that others may read, and keeps it current. */
import { hash } from 'node:crypto';
import type { CalendarOptions } from '../../core/calendar.ts';
import { READ_SCHEMA, viewOf } from '../../ledger/read-schema.ts';
import { FINEST } from '../../ledger/rollups.ts';
import type { Sql } from './connection.ts';
import { followCalendar } from './read-calendar.ts';
import { readFunctions } from './read-functions.ts';
import { columnsOf, readViews } from './read-views.ts';
import { quotedName } from './sql-text.ts';

/**
 * In a transaction, once the ledger's own tables are there: one replica at a time. Views of a newer version stay as they are. Where the user of
 * the database may not make a schema, there is none until somebody makes it for that user.
 */
export async function followReadSchema(sql: Sql, calendar: CalendarOptions): Promise<void> {
  await sql.rows('SELECT FROM schema_version FOR UPDATE');
  await followCalendar(sql, calendar);
  if (!(await makeSchema(sql))) return;
  const views = readViews();
  const texts = [...views.map(({ name, query }) => `CREATE VIEW ${READ_SCHEMA}.${quotedName(name)} AS ${query}`), ...readFunctions()];
  const digest = hash('sha256', texts.join('\n'));
  const [known] = await sql.rows(`SELECT value FROM meta WHERE name = 'read_schema'`);
  if (known?.value === digest || (await isNewer(sql))) return;
  const present = await sql.rows('SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = $2', [
    READ_SCHEMA,
    'v',
  ]);
  for (const { name } of present) await sql.run(`DROP VIEW IF EXISTS ${READ_SCHEMA}.${quotedName(String(name))} CASCADE`);
  for (const text of texts) await sql.run(text);
  await sql.run(`INSERT INTO meta VALUES ('read_schema', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, [digest]);
}

/** False where it is not there and may not be made. */
async function makeSchema(sql: Sql): Promise<boolean> {
  const [row] = await sql.rows(
    `SELECT to_regnamespace($1) IS NOT NULL AS is_there, has_database_privilege(current_database(), 'CREATE') AS is_allowed`,
    [READ_SCHEMA],
  );
  if (row?.is_there === true) return true;
  if (row?.is_allowed !== true) return false;
  await sql.run(`CREATE SCHEMA ${READ_SCHEMA}`);
  return true;
}

/** Has it a column that this version does not know? */
async function isNewer(sql: Sql): Promise<boolean> {
  const known = columnsOf(FINEST).map((name) => name.slice(1, -1));
  const rows = await sql.rows('SELECT a.attname AS name FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0', [
    `${READ_SCHEMA}.${viewOf(FINEST)}`,
  ]);
  return rows.some(({ name }) => !known.includes(String(name)));
}
