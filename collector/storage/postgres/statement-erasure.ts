/** Users out of statements: their names become the pseudonym, amounts stay, also in what was replaced. */
import { randomBytes } from 'node:crypto';
import { STATEMENT_AMOUNTS } from '../../imports/statement-line.ts';
import type { StatementRecords } from '../../imports/statements.ts';
import type { Eraser } from '../../ledger/erasure.ts';
import { ErasedStatementNames, erasedName, erasedTexts, STATEMENT_KEY, STATEMENT_KEY_BYTES } from '../statement-names.ts';
import { combinationDigest, plainLine, TEXT_COLUMNS } from '../statement-rows.ts';
import { BesideLedger, ERASING } from './beside-ledger.ts';
import { type Sql, statement } from './connection.ts';
import { int, numberArray, quotedName, textArray } from './sql-text.ts';
import type { Target } from './target.ts';
import { nowOf, wipe } from './wipe.ts';

/** By who writes names: nobody is erased until the transaction has ended. */
export const GATE = statement(`SELECT 1 FROM statement_state WHERE name = 'gate' FOR SHARE`);
const CLOSED_GATE = statement(`SELECT 1 FROM statement_state WHERE name = 'gate' FOR UPDATE`);

const ERASED = statement('SELECT digest, value FROM statement_erased');
const KEY = statement('SELECT value FROM statement_state WHERE name = $1');
const MAKE_KEY = statement('INSERT INTO statement_state (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING');
const REMEMBER = statement('INSERT INTO statement_erased (digest, value) SELECT digest, $2 FROM unnest($1::text[]) AS digest ON CONFLICT DO NOTHING');

/** Within the transaction of whoever uses them: another replica may have erased somebody. */
export async function readErasedNames(sql: Sql): Promise<ErasedStatementNames> {
  const [key] = await sql.rows(KEY, [STATEMENT_KEY]);
  const rows = await sql.rows(ERASED);
  return new ErasedStatementNames(
    rows.map(({ digest, value }) => [String(digest), String(value)] as const),
    String(key?.value ?? ''),
  );
}

const COLUMNS = TEXT_COLUMNS.map(quotedName);
const COMBINATIONS = statement(`SELECT id, ${COLUMNS.join()} FROM statement_combinations`);
const RENAME = statement(
  `UPDATE statement_combinations c SET digest = n.digest, ${COLUMNS.map((column, index) => `${column} = n.text_${index}`).join()}
   FROM unnest($1::int8[], $2::text[], ${COLUMNS.map((_, index) => `$${index + 3}::text[]`).join()})
     AS n (id, digest, ${COLUMNS.map((_, index) => `text_${index}`).join()}) WHERE c.id = n.id`,
);
/** Two names of one user become one. What neither line says stays unknown. */
const MERGE = statement(
  `INSERT INTO statement_lines AS l (version, combination, ${STATEMENT_AMOUNTS.join()})
   SELECT o.version, m.kept, ${STATEMENT_AMOUNTS.map((name) => `sum(o.${name})::int8`).join()}
   FROM statement_lines o JOIN unnest($1::int8[], $2::int8[]) AS m (gone, kept) ON o.combination = m.gone GROUP BY o.version, m.kept
   ON CONFLICT (version, combination) DO UPDATE SET
   ${STATEMENT_AMOUNTS.map((name) => `${name} = coalesce(l.${name} + excluded.${name}, l.${name}, excluded.${name})`).join()}`,
);
const REMOVE_LINES = statement('DELETE FROM statement_lines WHERE combination = ANY($1::int8[])');
const REMOVE_COMBINATIONS = statement('DELETE FROM statement_combinations WHERE id = ANY($1::int8[])');
const COUNT_LINES = statement(
  `UPDATE statement_versions v SET line_count = n.lines
   FROM (SELECT version, count(*) AS lines FROM statement_lines GROUP BY version) n WHERE n.version = v.id AND n.lines <> v.line_count`,
);
const LINES = statement(
  `SELECT v.source, v.account, v.day, v.since_ms, v.until_ms, c.*, l.* FROM statement_lines l JOIN statement_versions v ON v.id = l.version
   JOIN statement_combinations c ON c.id = l.combination WHERE l.combination = ANY($1::int8[]) ORDER BY c.id, v.day, v.since_ms`,
);

/** Those that hold texts; lines hold numbers. */
const TABLES = ['statement_combinations', 'statement_names', 'statement_runs'];

export const openStatementRecords = (target: Target): StatementRecords => new PostgresStatementRecords(target);

class PostgresStatementRecords implements StatementRecords {
  readonly #beside: BesideLedger;
  #erased: string | undefined;

  constructor(target: Target) {
    this.#beside = new BesideLedger(target, 'erasure', ERASING);
  }

  async erase(eraser: Eraser, { isRemembered, isTrial }: Parameters<StatementRecords['erase']>[1]): Promise<number> {
    const change = async (sql: Sql): Promise<number> => {
      await sql.rows(CLOSED_GATE);
      const changed = (await rename(sql, eraser)) + (await renameNames(sql, eraser)) + (await renameRemarks(sql, eraser));
      if (isRemembered) await remember(sql, eraser);
      return changed;
    };
    if (isTrial) return this.#beside.undone(change);
    const changed = await this.#beside.write(change);
    this.#erased = await this.#beside.alone(nowOf);
    return changed;
  }

  wipe(): Promise<boolean> {
    return this.#beside.alone(async (sql) => wipe(sql, this.#erased ?? (await nowOf(sql)), { rewritten: TABLES, cleaned: [] }));
  }

  find(eraser: Eraser): Promise<readonly unknown[]> {
    return this.#beside.snapshot<readonly unknown[]>([], async (sql) => {
      const named = (await combinations(sql)).filter(({ texts }) => erasedTexts(eraser, texts) !== undefined);
      const lines = await sql.rows(LINES, [numberArray(named.map(({ id }) => id))]);
      const names = (await sql.rows('SELECT * FROM statement_names ORDER BY kind, id')).filter(
        ({ kind, name }) => erasedName(eraser, String(kind), String(name)) !== name,
      );
      return [...lines.map(plainLine), ...names];
    });
  }

  close(): Promise<void> {
    return this.#beside.close();
  }
}

const combinations = async (sql: Sql): Promise<readonly { readonly id: number; readonly texts: readonly string[] }[]> =>
  (await sql.arrays(COMBINATIONS)).map(([id, ...texts]) => ({ id: int(id), texts: texts.map(String) }));

async function rename(sql: Sql, eraser: Eraser): Promise<number> {
  const all = await combinations(sql);
  const byDigest = new Map(all.map(({ id, texts }) => [combinationDigest(texts), id]));
  const renamed: { readonly id: number; readonly digest: string; readonly texts: readonly string[] }[] = [];
  const merged: { readonly gone: number; readonly kept: number }[] = [];
  for (const { id, texts } of all) {
    const after = erasedTexts(eraser, texts);
    if (after === undefined) continue;
    const digest = combinationDigest(after);
    const kept = byDigest.getOrInsert(digest, id);
    if (kept === id) renamed.push({ id, digest, texts: after });
    else merged.push({ gone: id, kept });
  }
  await sql.run(RENAME, [
    numberArray(renamed.map(({ id }) => id)),
    textArray(renamed.map(({ digest }) => digest)),
    ...COLUMNS.map((_, index) => textArray(renamed.map(({ texts }) => texts[index] ?? ''))),
  ]);
  const gone = numberArray(merged.map(({ gone: id }) => id));
  await sql.run(MERGE, [gone, numberArray(merged.map(({ kept }) => kept))]);
  await sql.run(REMOVE_LINES, [gone]);
  await sql.run(REMOVE_COMBINATIONS, [gone]);
  if (merged.length > 0) await sql.run(COUNT_LINES);
  return renamed.length + merged.length;
}

async function renameNames(sql: Sql, eraser: Eraser): Promise<number> {
  let changed = 0;
  for (const { kind, id, name } of await sql.rows('SELECT * FROM statement_names')) {
    const after = erasedName(eraser, String(kind), String(name));
    if (after === name) continue;
    changed++;
    await sql.run('UPDATE statement_names SET name = $3 WHERE kind = $1 AND id = $2', [kind, id, after]);
  }
  return changed;
}

async function renameRemarks(sql: Sql, eraser: Eraser): Promise<number> {
  let changed = 0;
  for (const { id, remarks } of await sql.rows('SELECT id, remarks FROM statement_runs')) {
    const after = JSON.stringify(eraser.data(JSON.parse(String(remarks))));
    if (after === remarks) continue;
    changed++;
    await sql.run('UPDATE statement_runs SET remarks = $2 WHERE id = $1', [id, after]);
  }
  return changed;
}

async function remember(sql: Sql, { names, pseudonym }: Eraser): Promise<void> {
  await sql.run(MAKE_KEY, [STATEMENT_KEY, randomBytes(STATEMENT_KEY_BYTES).toString('base64url')]);
  const erased = await readErasedNames(sql);
  await sql.run(REMEMBER, [textArray(names.map((name) => erased.digestOf(name))), pseudonym]);
}
