/**
 * What of a copy is done, kept in the target: parts of the ledger by name and number, each with a mark of what it was. A part is written in one
 * transaction with its mark, so a copy that is broken off goes on where it was; one that has another mark at the source has changed since.
 */
import { type Sql, statement } from '../../postgres/connection.ts';
import { numberArray, textArray } from '../../postgres/sql-text.ts';

const READ = statement('SELECT number, mark FROM copied WHERE what = $1');
const READ_SOME = statement('SELECT number, mark FROM copied WHERE what = $1 AND number = ANY($2::int8[])');
const WRITE = statement(`INSERT INTO copied (what, number, mark) SELECT $1, w.number, w.mark FROM unnest($2::int8[], $3::text[]) AS w(number, mark)
  ON CONFLICT (what, number) DO UPDATE SET mark = excluded.mark`);

export const PROGRESS_TABLE =
  'CREATE TABLE IF NOT EXISTS copied (what text COLLATE "C" NOT NULL, number int8 NOT NULL, mark text NOT NULL, PRIMARY KEY (what, number))';

export async function readMarks(sql: Sql, what: string, numbers: readonly number[] | undefined): Promise<Map<number, string>> {
  const rows = await (numbers === undefined ? sql.rows(READ, [what]) : sql.rows(READ_SOME, [what, numberArray(numbers)]));
  return new Map(rows.map(({ number, mark }) => [Number(number), String(mark)]));
}

/** Within the transaction that writes the parts. */
export async function writeMarks(sql: Sql, what: string, marks: ReadonlyMap<number, string>): Promise<void> {
  await sql.run(WRITE, [what, numberArray([...marks.keys()]), textArray([...marks.values()])]);
}
