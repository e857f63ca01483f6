/** Rows of Parquet, a row group at a time, of large ones a part, of the columns that are wanted. */
import { gunzipSync } from 'node:zlib';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { type FileRow, type RowsOf, textOf } from './row.ts';

/** Each part unpacks the group's columns again, so that parts are large. */
const ROWS_AT_ONCE = 200_000;
/** Snappy is built in. */
const compressors = { GZIP: (input: Uint8Array, bytes: number): Uint8Array => gunzipSync(input, { maxOutputLength: Math.max(1, bytes) }) };

export async function* parquetRows({ file, columns }: RowsOf): AsyncGenerator<readonly FileRow[]> {
  const buffer = await asyncBufferFromFile(file.path);
  const metadata = await parquetMetadataAsync(buffer);
  const [root] = metadata.schema;
  const there = new Set(topLevel(metadata.schema.slice(1), root?.num_children ?? 0));
  const wanted = columns.filter((name) => there.has(name));
  const has = (column: string): boolean => there.has(column);
  let begin = 0;
  for (const { num_rows: count } of metadata.row_groups) {
    const end = begin + Number(count);
    for (let rowStart = begin; rowStart < end; rowStart += ROWS_AT_ONCE) {
      const rowEnd = Math.min(end, rowStart + ROWS_AT_ONCE);
      const rows = await parquetReadObjects({ file: buffer, metadata, columns: wanted, compressors, rowStart, rowEnd });
      yield rows.map((row, index) => ({ number: rowStart + index + 1, text: (column) => textOf(row[column]), has }));
    }
    begin = end;
  }
}

/** Names of the columns of the table, of a schema that is written depth first. */
function topLevel(elements: readonly { readonly name: string; readonly num_children?: number }[], count: number): readonly string[] {
  const names: string[] = [];
  let index = 0;
  const skip = (): void => {
    const children = elements[index++]?.num_children ?? 0;
    for (let child = 0; child < children; child++) skip();
  };
  for (let column = 0; column < count; column++) {
    names.push(elements[index]?.name ?? '');
    skip();
  }
  return names;
}
