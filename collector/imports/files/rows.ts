/** Rows of a file of an export, in batches. */
import { LedgerlineError } from '../../core/error.ts';
import { csvRows } from './csv-rows.ts';
import type { FileKind } from './find.ts';
import { jsonRows } from './json-rows.ts';
import { parquetRows } from './parquet-rows.ts';
import type { FileRow, RowsOf } from './row.ts';

const READERS: Readonly<Record<FileKind, (rows: RowsOf) => AsyncGenerator<readonly FileRow[]>>> = {
  csv: csvRows,
  jsonl: jsonRows,
  parquet: parquetRows,
};

/** Throws LedgerlineError for a file that is broken as a whole, such as one that was copied in part. */
export async function* rowsOf(rows: RowsOf): AsyncGenerator<readonly FileRow[]> {
  try {
    yield* READERS[rows.file.kind](rows);
  } catch (cause) {
    if (cause instanceof LedgerlineError) throw cause;
    throw new LedgerlineError('unsupported', `${rows.file.name} cannot be read: it is broken, or not complete.`, {
      cause,
      hint: 'Nothing was stored. Copy or export it again.',
    });
  }
}
