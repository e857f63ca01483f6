/** Lines of statements, and the combinations of their texts: found, and added in numbers that every replica computes alike. */
import { STATEMENT_AMOUNTS, type StatementAmount } from '../../imports/statement-line.ts';
import { TEXT_COLUMNS } from '../statement-rows.ts';
import { type Sql, statement } from './connection.ts';
import { naturalKey } from './natural-keys.ts';
import { int, numberArray, quotedName, textArray } from './sql-text.ts';

/** Amounts of lines with the same texts, added up. */
export interface Combined {
  readonly texts: readonly string[];
  readonly amounts: { [Amount in StatementAmount]?: bigint };
}

const ROWS_AT_ONCE = 2_000;

const COLUMNS = TEXT_COLUMNS.map(quotedName).join();
const FIND = statement('SELECT id, digest FROM statement_combinations WHERE digest = ANY($1::text[])');
const ADD = statement(
  `INSERT INTO statement_combinations (id, digest, ${COLUMNS})
   SELECT * FROM unnest($1::int8[], $2::text[], ${TEXT_COLUMNS.map((_, index) => `$${index + 3}::text[]`).join()}) ON CONFLICT DO NOTHING`,
);
const LINES = statement(`SELECT combination, ${STATEMENT_AMOUNTS.join()} FROM statement_lines WHERE version = $1`);
const ADD_LINES = statement(
  `INSERT INTO statement_lines (version, combination, ${STATEMENT_AMOUNTS.join()})
   SELECT $1, * FROM unnest($2::int8[], ${STATEMENT_AMOUNTS.map((_, index) => `$${index + 3}::int8[]`).join()})`,
);

function* parts<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let at = 0; at < items.length; at += ROWS_AT_ONCE) yield items.slice(at, at + ROWS_AT_ONCE);
}

/** Numbers by digest, of those that are there. */
export async function combinationsOf(sql: Sql, digests: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (const part of parts(digests)) for (const { id, digest } of await sql.rows(FIND, [textArray(part)])) found.set(String(digest), int(id));
  return found;
}

/**
 * Adds those that are missing; answers the numbers of all. In the order of their numbers: whoever adds some of them at once waits for us, or
 * we for them, and never both.
 */
export async function addCombinations(sql: Sql, combined: ReadonlyMap<string, Combined>): Promise<ReadonlyMap<string, number>> {
  const known = new Map(await combinationsOf(sql, [...combined.keys()]));
  // A number that is taken by other texts: the next attempt.
  for (let attempt = 0; known.size < combined.size; attempt++) {
    const missing = [...combined]
      .filter(([digest]) => !known.has(digest))
      .map(([digest, { texts }]) => ({ id: naturalKey(digest, attempt), digest, texts }))
      .sort((one, other) => one.id - other.id);
    for (const part of parts(missing)) {
      const texts = TEXT_COLUMNS.map((_, index) => textArray(part.map((one) => one.texts[index] ?? '')));
      await sql.run(ADD, [numberArray(part.map(({ id }) => id)), textArray(part.map(({ digest }) => digest)), ...texts]);
    }
    for (const [digest, id] of await combinationsOf(
      sql,
      missing.map(({ digest }) => digest),
    ))
      known.set(digest, id);
  }
  return known;
}

export async function addLines(
  sql: Sql,
  version: number,
  combined: ReadonlyMap<string, Combined>,
  numbers: ReadonlyMap<string, number>,
): Promise<void> {
  for (const part of parts([...combined])) {
    const amounts = STATEMENT_AMOUNTS.map((name) => numberArray(part.map(([, { amounts: of }]) => of[name])));
    await sql.run(ADD_LINES, [version, numberArray(part.map(([digest]) => numbers.get(digest))), ...amounts]);
  }
}

/** Amounts by combination. */
export async function linesOf(sql: Sql, version: unknown): Promise<ReadonlyMap<number, Combined['amounts']>> {
  const rows = await sql.rows(LINES, [version]);
  return new Map(
    rows.map(({ combination, ...row }) => [
      int(combination),
      Object.fromEntries(STATEMENT_AMOUNTS.flatMap((name) => (row[name] === null ? [] : [[name, BigInt(String(row[name]))]]))),
    ]),
  );
}
