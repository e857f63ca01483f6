/** What the replicas of a ledger have agreed on, by name, as text. */
import { SECOND_MS } from '../../core/duration.ts';
import { codeOf } from '../../core/error-code.ts';
import { Database, type Sql } from './connection.ts';
import { storeError } from './failure.ts';
import { textArray } from './sql-text.ts';
import type { Target } from './target.ts';

export type AgreedSettings = ReadonlyMap<string, string>;

export interface SettingsStore {
  /** Adds those that have no value yet. Resolves to what holds then; undefined while there is no ledger in the database. */
  agree(settings: AgreedSettings): Promise<AgreedSettings | undefined>;
  /** Puts these in the place of what was agreed on. */
  adopt(settings: AgreedSettings): Promise<void>;
  close(): Promise<void>;
}

const PREFIX = 'setting ';
const READ = `SELECT name, value FROM meta WHERE name LIKE '${PREFIX}%'`;
const INSERT = 'INSERT INTO meta (name, value) SELECT * FROM unnest($1::text[], $2::text[]) AS s (name, value) ORDER BY name';
const ADD = `${INSERT} ON CONFLICT (name) DO NOTHING`;
const REPLACE = `${INSERT} ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
const NO_TABLE = '42P01';

export function openSharedSettings(target: Target): SettingsStore {
  const database = new Database(target, { name: 'settings', max: 1, wants: 'primary', statementMs: 10 * SECOND_MS });
  const known = async (): Promise<AgreedSettings> =>
    new Map((await database.rows(READ)).map(({ name, value }) => [String(name).slice(PREFIX.length), String(value)]));
  return {
    async agree(settings) {
      try {
        const before = await known();
        const missing = new Map([...settings].filter(([name]) => !before.has(name)));
        if (missing.size === 0) return before;
        await write(database, ADD, missing);
        return await known();
      } catch (error) {
        if (codeOf(error) === NO_TABLE) return undefined;
        throw storeError(error);
      }
    },
    adopt: (settings) =>
      write(database, REPLACE, settings).catch((error: unknown) => {
        throw storeError(error);
      }),
    close: () => database.close(),
  };
}

async function write(sql: Pick<Sql, 'run'>, text: string, settings: AgreedSettings): Promise<void> {
  if (settings.size === 0) return;
  await sql.run(text, [textArray([...settings.keys()].map((name) => PREFIX + name)), textArray([...settings.values()])]);
}
