/** Users out of the directory's store: what a provider sent of them goes, and their names in merges become the pseudonym. */
import type { DirectoryRecords } from '../../directory/store.ts';
import type { Eraser } from '../../ledger/erasure.ts';
import { type DirectoryRow, erasedBody, NAMES, rowsOfUsers } from '../directory-rows.ts';
import { BesideLedger, ERASING } from './beside-ledger.ts';
import { type Sql, statement } from './connection.ts';
import { COUNT_CHANGE, LOCK_DIRECTORY } from './directory-store.ts';
import { textArray } from './sql-text.ts';
import type { Target } from './target.ts';
import { nowOf, wipe } from './wipe.ts';

const TABLES = { resources: 'directory_resources', facts: 'directory_facts', merges: 'directory_merges' } as const;
const ORDERS = { resources: 'created_ms, kind, id', facts: 'number', merges: 'id' } as const;
const NAMES_OF_USERS = statement(`SELECT id, value FROM directory_facts WHERE kind = 'User' AND ${NAMES}`);
const BODY = statement('UPDATE directory_resources SET body = $3 WHERE kind = $1 AND id = $2');
const VALUE = statement('UPDATE directory_facts SET value = $2 WHERE number = $1');
const MERGE = statement('UPDATE directory_merges SET alias = $2, "user" = $3, who = $4 WHERE id = $1');

export const openDirectoryRecords = (target: Target): DirectoryRecords => new PostgresDirectoryRecords(target);

class PostgresDirectoryRecords implements DirectoryRecords {
  readonly #beside: BesideLedger;
  #erased: string | undefined;

  constructor(target: Target) {
    this.#beside = new BesideLedger(target, 'erasure', ERASING);
  }

  async erase(eraser: Eraser, isTrial: boolean): Promise<number> {
    const change = async (sql: Sql): Promise<number> => {
      await sql.rows(LOCK_DIRECTORY);
      const removed = await removeUsers(sql, eraser);
      const changed = removed + (await renameResources(sql, eraser)) + (await renameFacts(sql, eraser)) + (await renameMerges(sql, eraser));
      if (changed > 0) await sql.run(COUNT_CHANGE);
      return changed;
    };
    if (isTrial) return this.#beside.undone(change);
    const changed = await this.#beside.write(change);
    this.#erased = await this.#beside.alone(nowOf);
    return changed;
  }

  find(eraser: Eraser): Promise<readonly unknown[]> {
    return this.#beside.snapshot<readonly unknown[]>([], async (sql) => {
      const kept = { resources: await rowsOf(sql, 'resources'), facts: await rowsOf(sql, 'facts'), merges: await rowsOf(sql, 'merges') };
      return rowsOfUsers(eraser, await usersOf(sql, eraser), kept);
    });
  }

  wipe(): Promise<boolean> {
    return this.#beside.alone(async (sql) => wipe(sql, this.#erased ?? (await nowOf(sql)), { rewritten: Object.values(TABLES), cleaned: [] }));
  }

  close(): Promise<void> {
    return this.#beside.close();
  }
}

/** Integers as numbers: those here are instants and counts. */
const INTEGERS: ReadonlySet<string> = new Set(['version', 'created_ms', 'modified_ms', 'number', 'from_ms', 'to_ms', 'at_ms']);

async function rowsOf(sql: Sql, table: keyof typeof TABLES): Promise<readonly DirectoryRow[]> {
  const rows = await sql.rows(`SELECT * FROM ${TABLES[table]} ORDER BY ${ORDERS[table]}`);
  const isInteger = (name: string): boolean => INTEGERS.has(name) || (table === 'merges' && name === 'id');
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, isInteger(name) && cell !== null ? Number(cell) : cell])),
  );
}

/** Whom the provider knows by one of the names, at any time. */
async function usersOf(sql: Sql, eraser: Eraser): Promise<ReadonlySet<string>> {
  const rows = await sql.rows(NAMES_OF_USERS);
  return new Set(rows.filter(({ value }) => eraser.isName(String(value))).map(({ id }) => String(id)));
}

/** The ids stay in groups: they lead to nobody. */
async function removeUsers(sql: Sql, eraser: Eraser): Promise<number> {
  const ids = textArray([...(await usersOf(sql, eraser))]);
  let removed = 0;
  for (const table of [TABLES.resources, TABLES.facts])
    removed += await sql.run(`DELETE FROM ${table} WHERE kind = 'User' AND id = ANY($1::text[])`, [ids]);
  return removed;
}

async function renameResources(sql: Sql, eraser: Eraser): Promise<number> {
  let changed = 0;
  for (const { kind, id, body } of await rowsOf(sql, 'resources')) {
    const after = erasedBody(eraser, body);
    if (after !== body) changed += await sql.run(BODY, [kind, id, after]);
  }
  return changed;
}

async function renameFacts(sql: Sql, eraser: Eraser): Promise<number> {
  let changed = 0;
  for (const { number, value } of await rowsOf(sql, 'facts')) {
    const after = eraser.text(String(value));
    if (after !== value) changed += await sql.run(VALUE, [number, after]);
  }
  return changed;
}

async function renameMerges(sql: Sql, eraser: Eraser): Promise<number> {
  let changed = 0;
  for (const { id, alias, user, who } of await rowsOf(sql, 'merges')) {
    const after = [alias, user, who].map((text) => eraser.text(String(text)));
    const isChanged = [alias, user, who].some((text, index) => text !== after[index]);
    if (isChanged) changed += await sql.run(MERGE, [id, ...after]);
  }
  return changed;
}
