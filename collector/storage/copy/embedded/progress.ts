/** What of a copy is done, in the file that is being filled: as shared/progress.ts has it. */
import type { DatabaseSync } from 'node:sqlite';

export const PROGRESS_TABLE =
  'CREATE TABLE IF NOT EXISTS copied (what TEXT NOT NULL, number INTEGER NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (what, number)) WITHOUT ROWID';
const WRITE = 'INSERT INTO copied (what, number, mark) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark';

export function readMarks(database: DatabaseSync, what: string, numbers: readonly number[] | undefined): Map<number, string> {
  const some = numbers === undefined ? '' : ' AND number IN (SELECT value FROM json_each(?))';
  const rows = database
    .prepare(`SELECT number, mark FROM copied WHERE what = ?${some}`)
    .all(what, ...(numbers === undefined ? [] : [JSON.stringify(numbers)]));
  return new Map(rows.map(({ number, mark }) => [Number(number), String(mark)]));
}

/** Within the transaction that writes the parts. */
export function writeMarks(database: DatabaseSync, what: string, marks: ReadonlyMap<number, string>): void {
  const write = database.prepare(WRITE);
  for (const [number, mark] of marks) write.run(what, number, mark);
}
