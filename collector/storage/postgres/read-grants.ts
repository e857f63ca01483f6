/** What a role needs that may read the views and nothing else, such as Grafana's. */
import { SECOND_MS } from '../../core/duration.ts';
import { LedgerlineError } from '../../core/error.ts';
import { codeOf } from '../../core/error-code.ts';
import { READ_SCHEMA } from '../../ledger/read-schema.ts';
import { Database, type Sql } from './connection.ts';
import { quotedName } from './sql-text.ts';
import type { Target } from './target.ts';

interface Place {
  readonly database: string;
  /** The user that the collector writes as: later views, which that user makes, are the role's, too. */
  readonly writer: string;
}

/** Settings need the right to change roles; they are conveniences and bounds, the grants alone decide what can be read. */
export function readGrants(role: string, { database, writer }: Place): string[] {
  const [name, schema] = [quotedName(role), READ_SCHEMA];
  const setting = (text: string): string => `ALTER ROLE ${name} IN DATABASE ${quotedName(database)} SET ${text}`;
  return [
    `GRANT USAGE ON SCHEMA ${schema} TO ${name}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${name}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${quotedName(writer)} IN SCHEMA ${schema} GRANT SELECT ON TABLES TO ${name}`,
    setting(`search_path = ${schema}`),
    setting(`statement_timeout = '15s'`),
    setting('default_transaction_read_only = on'),
  ];
}

/** In a transaction. Rejects with what the driver says. */
export async function grantRead(sql: Sql, role: string): Promise<void> {
  const [row] = await sql.rows('SELECT current_database() AS database, current_user AS writer');
  for (const text of readGrants(role, { database: String(row?.database), writer: String(row?.writer) })) await sql.run(text);
}

const HINTS: Readonly<Record<string, string>> = {
  '3F000': 'Start a collector of this version once: it makes the schema. Its user needs the right to make one in this database.',
  '42704': 'Make the role first: CREATE ROLE name LOGIN PASSWORD …',
  '42501': 'Only who may change roles can change their settings: give the statements to an administrator, with --print.',
};

/** Rejects with a sentence. */
export async function grantReadAt(target: Target, role: string): Promise<void> {
  const database = new Database(target, { name: 'grants', max: 1, wants: 'primary', statementMs: 30 * SECOND_MS });
  try {
    await database.transaction((sql) => grantRead(sql, role));
  } catch (cause) {
    const hint = HINTS[codeOf(cause) ?? ''];
    if (hint === undefined || !(cause instanceof Error)) throw cause;
    throw new LedgerlineError('invalid', `The database refused it: ${cause.message}.`, { hint, cause });
  } finally {
    await database.close();
  }
}
