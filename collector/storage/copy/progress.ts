/**
 * What of a copy is done, kept in the target: parts of the ledger by name and number, each with a mark of what it was. A part is written in one
 * transaction with its mark, so a copy that is broken off goes on where it was; one that has another mark at the source has changed since.
 */
import { type Database, type Sql, statement } from '../postgres/connection.ts';
import { numberArray, textArray } from '../postgres/sql-text.ts';

const READ = statement('SELECT number, mark FROM copied WHERE what = $1 AND number >= $2 AND number < $3');
const WRITE = statement(`INSERT INTO copied (what, number, mark) SELECT $1, w.number, w.mark FROM unnest($2::int8[], $3::text[]) AS w(number, mark)
  ON CONFLICT (what, number) DO UPDATE SET mark = excluded.mark`);
const REMOVE = statement('DELETE FROM copied WHERE what = $1 AND number = ANY($2::int8[])');

export const PROGRESS_TABLE =
  'CREATE TABLE IF NOT EXISTS copied (what text COLLATE "C" NOT NULL, number int8 NOT NULL, mark text NOT NULL, PRIMARY KEY (what, number))';

export type Marks = ReadonlyMap<number, string>;

export class Progress {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async read(what: string, from = 0, until = Number.MAX_SAFE_INTEGER): Promise<Map<number, string>> {
    return new Map((await this.#database.rows(READ, [what, from, until])).map(({ number, mark }) => [Number(number), String(mark)]));
  }

  /** Within the transaction that writes the parts. */
  async write(sql: Sql, what: string, marks: Marks): Promise<void> {
    await sql.run(WRITE, [what, numberArray([...marks.keys()]), textArray([...marks.values()])]);
  }

  async remove(sql: Sql, what: string, numbers: readonly number[]): Promise<void> {
    await sql.run(REMOVE, [what, numberArray(numbers)]);
  }
}
